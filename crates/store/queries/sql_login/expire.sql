-- A session that is still connected sees nothing from its end on; with this it is ended, and the role is gone.
update plinth.sql_logins set revoked_at = expires_at where expires_at <= now() and revoked_at is null
returning id
