update plinth.memberships set roles = $3, groups = $4, attributes = $5
where org_id = $1 and user_id = $2
returning user_id, email, name, roles, groups, attributes, created_at
