select id, user_id, kind, detail, at from plinth.login_signals
where $1::uuid is null or user_id = $1
order by at limit 500
