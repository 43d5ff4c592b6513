insert into plinth.idempotency_keys (actor_id, key, request_hash, body) values ($1, $2, $3, $4)
on conflict (actor_id, key) do nothing
returning key
