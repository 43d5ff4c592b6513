select id, name, roles, groups, attributes, created_by, created_at from plinth.service_accounts where org_id = $1 and id = $2
