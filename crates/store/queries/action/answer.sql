with answered as (
    update plinth.action_requests set result = $3
    where id = $1 and token_hash = $2 and result is null and expires_at > now()
    returning id
)
select id, pg_notify(plinth.channel('actions'), id::text) from answered
