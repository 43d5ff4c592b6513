with made as (
    insert into plinth.sql_logins (org_id, id, service_account_id, name, login, created_by, expires_at)
    values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
    returning id, name, login, created_by, created_at, expires_at, revoked_at
), role as materialized (
    select plinth.make_login(login, $8, expires_at) as made from made
)
select made.* from made, role
