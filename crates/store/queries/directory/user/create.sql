insert into plinth.users (id, email, name, password_hash) values ($1, $2, $3, $4)
returning id, email, name, password_hash, email_verified_at, created_at
