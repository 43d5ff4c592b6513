select id, wrapped_key from plinth.org_keys where org_id = $1 and id = $2
