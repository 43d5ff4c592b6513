delete from plinth.sessions where expires_at < now() returning id
