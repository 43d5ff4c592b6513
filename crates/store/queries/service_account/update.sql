update plinth.service_accounts set roles = $3, groups = $4, attributes = $5 where org_id = $1 and id = $2
returning id, name, roles, groups, attributes, created_by, created_at
