select token_hash from plinth.service_account_tokens where org_id = $1 and service_account_id = $2
