select id, email, name, password_hash, email_verified_at, created_at from plinth.users where email = $1
