select user_id, email, name, roles, groups, attributes, created_at
from plinth.memberships
where org_id = $1 and user_id = $2
