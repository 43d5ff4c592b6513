select request_hash, body from plinth.idempotency_keys where actor_id = $1 and key = $2
