insert into plinth.email_tokens (token_hash, user_id, purpose, expires_at)
values ($1, $2, $3, now() + $4 * interval '1 second')
returning user_id
