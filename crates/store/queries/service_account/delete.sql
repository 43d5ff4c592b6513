delete from plinth.service_accounts where org_id = $1 and id = $2 returning id
