delete from plinth.email_tokens where user_id = $1 and purpose = $2 returning user_id
