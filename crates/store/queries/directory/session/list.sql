select id, kind, user_agent, address, created_at, expires_at
from plinth.sessions
where user_id = $1 and expires_at > now()
order by id desc
limit 500
