select id from plinth.service_accounts where org_id = $1 and id = any ($2::uuid[])
