select user_id, email, name, roles, groups, attributes, created_at
from plinth.memberships
where org_id = $1 and ($2::uuid is null or user_id > $2)
order by user_id
limit $3
