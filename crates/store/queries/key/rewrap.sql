update plinth.org_keys set wrapped_key = $4 where org_id = $1 and id = $2 and wrapped_key = $3 returning id
