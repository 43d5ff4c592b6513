delete from plinth.invitations where org_id = $1 and id = $2 and accepted_at is null
returning id, email, roles, invited_by, created_at, expires_at, accepted_at
