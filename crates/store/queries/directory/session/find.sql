select session.id as session_id, session.user_id, session.created_at, session.expires_at, owner.email, owner.name, owner.email_verified_at
from plinth.sessions session
join plinth.users owner on owner.id = session.user_id
where session.token_hash = $1 and session.expires_at > now()
