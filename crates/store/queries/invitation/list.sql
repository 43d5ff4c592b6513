select id, email, roles, invited_by, created_at, expires_at, accepted_at
from plinth.invitations
where org_id = $1 and ($2::uuid is null or id < $2)
order by id desc
limit $3
