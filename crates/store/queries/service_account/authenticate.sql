select account.id, account.name, account.roles, account.groups, account.attributes, token.created_at, token.expires_at
from plinth.service_account_tokens token
join plinth.service_accounts account on account.org_id = token.org_id and account.id = token.service_account_id
where token.org_id = $1 and token.token_hash = $2 and token.revoked_at is null and token.expires_at > now()
