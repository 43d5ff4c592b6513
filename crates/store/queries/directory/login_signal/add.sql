insert into plinth.login_signals (id, user_id, kind, detail, at)
select noted.id, noted.user_id, 'failed_login', noted.detail, noted.at
from unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::timestamptz[]) as noted (id, user_id, detail, at)
where exists (select from plinth.users where id = noted.user_id)
on conflict (id) do nothing
returning id
