select user_id, email, name, roles, groups, attributes, created_at
from plinth.memberships
where org_id = $1 and email = $2
limit 1
