insert into plinth.idempotency_keys (org_id, actor_id, key, request_hash) values ($1, $2, $3, $4)
on conflict (org_id, actor_id, key) do nothing
returning key
