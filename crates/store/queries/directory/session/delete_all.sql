delete from plinth.sessions where user_id = $1 returning token_hash
