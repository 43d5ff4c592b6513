update plinth.sql_logins set revoked_at = coalesce(revoked_at, now())
where org_id = $1 and service_account_id = $2 and id = $3
returning id
