update plinth.invitations set token_hash = $3
where org_id = $1 and id = $2 and accepted_at is null
returning id, email, roles, invited_by, created_at, expires_at, accepted_at
