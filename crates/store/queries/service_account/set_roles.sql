update plinth.service_accounts set roles = $3 where org_id = $1 and id = $2
returning id, name, roles, created_by, created_at
