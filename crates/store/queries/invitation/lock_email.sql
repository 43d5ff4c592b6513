select id, email, roles, invited_by, created_at, expires_at, accepted_at
from plinth.invitations
where org_id = $1 and email = $2 and accepted_at is null
for update
