update plinth.memberships set roles = $3, attributes = $4
where org_id = $1 and user_id = $2
returning user_id, email, name, roles, attributes, created_at
