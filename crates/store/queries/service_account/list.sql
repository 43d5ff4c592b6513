select id, name, roles, groups, attributes, created_by, created_at
from plinth.service_accounts
where org_id = $1 and ($2::uuid is null or id > $2)
order by id
limit $3
