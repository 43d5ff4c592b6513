delete from plinth.action_requests where expires_at < now() returning id
