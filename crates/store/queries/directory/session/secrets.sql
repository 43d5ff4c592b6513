select token_hash from plinth.sessions where user_id = $1
