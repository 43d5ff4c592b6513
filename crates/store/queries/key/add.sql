insert into plinth.org_keys (org_id, id, wrapped_key) values ($1, $2, $3) returning id
