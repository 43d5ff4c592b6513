update plinth.users set password_hash = $2 where id = $1
returning id, email, name, password_hash, email_verified_at, created_at
