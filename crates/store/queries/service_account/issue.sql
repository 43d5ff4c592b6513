insert into plinth.service_account_tokens
    (org_id, id, service_account_id, name, token_hash, created_by, expires_at)
values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
returning id, name, created_by, created_at, expires_at, revoked_at
