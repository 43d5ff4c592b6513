delete from plinth.email_tokens where expires_at < now() returning user_id
