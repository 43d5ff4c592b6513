select id, name, login, created_by, created_at, expires_at, revoked_at
from plinth.sql_logins
where org_id = $1 and service_account_id = $2 and id = $3
