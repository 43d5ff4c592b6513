insert into plinth.service_accounts (org_id, id, name, roles, created_by) values ($1, $2, $3, $4, $5)
returning id, name, roles, created_by, created_at
