select id, name, login, created_by, created_at, expires_at, revoked_at
from plinth.sql_logins
where org_id = $1 and service_account_id = $2 and ($3::uuid is null or id < $3)
order by id desc
limit $4
