update plinth.users set email_verified_at = coalesce(email_verified_at, now()) where id = $1 returning id
