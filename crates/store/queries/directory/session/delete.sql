delete from plinth.sessions where user_id = $1 and id = $2 returning token_hash
