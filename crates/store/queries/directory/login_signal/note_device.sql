-- With the signal, when the user has logged in during the last 90 days, and never like this.
with known as (
    select count(*) as all_count, count(*) filter (where device = $2) as like_this
    from plinth.known_devices where user_id = $1 and last_at > now() - interval '90 days'
), noted as (
    insert into plinth.known_devices (user_id, device) values ($1, $2)
    on conflict (user_id, device) do update set last_at = now()
)
insert into plinth.login_signals (id, user_id, kind, detail)
select $3, $1, 'new_device', $4 from known where all_count > 0 and like_this = 0
returning id
