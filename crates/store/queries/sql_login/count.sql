select id from plinth.sql_logins where org_id = $1 and revoked_at is null and expires_at > now()
