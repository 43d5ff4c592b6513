insert into plinth.service_accounts (org_id, id, name, roles, groups, attributes, created_by)
values ($1, $2, $3, $4, $5, $6, $7)
returning id, name, roles, groups, attributes, created_by, created_at
