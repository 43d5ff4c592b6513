select id, email, name, email_verified_at from plinth.users where id = $1
