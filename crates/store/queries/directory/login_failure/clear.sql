delete from plinth.login_failures where email_hash = $1 returning email_hash
