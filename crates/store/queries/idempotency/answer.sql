update plinth.idempotency_keys set body = $4 where org_id = $1 and actor_id = $2 and key = $3 returning key
