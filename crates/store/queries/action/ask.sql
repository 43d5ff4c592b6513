with asked as (
    insert into plinth.action_requests (org_id, id, type, action, spec, secrets, expires_at)
    values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
    returning id
)
select id, pg_notify(plinth.channel('actions'), 'asked') from asked
