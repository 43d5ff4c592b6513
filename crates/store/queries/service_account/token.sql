select id, name, created_by, created_at, expires_at, revoked_at
from plinth.service_account_tokens
where org_id = $1 and service_account_id = $2 and id = $3
