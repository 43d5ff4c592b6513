select id from plinth.action_requests where org_id = $1 and id = $2 and expires_at > now()
