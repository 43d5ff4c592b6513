delete from plinth.idempotency_keys where created_at < now() - interval '1 day' returning key
