delete from plinth.idempotency_keys
where org_id = $1 and actor_id = $2 and key = $3 and body = $4
returning key
