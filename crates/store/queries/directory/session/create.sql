-- Only while the password is still the one that was checked: a reset in between ends this login as well.
insert into plinth.sessions (id, user_id, token_hash, kind, user_agent, address, expires_at)
select $1, id, $4, $5, $6, $7, now() + $8 * interval '1 second'
from plinth.users
where id = $2 and password_hash = $3
for share
returning expires_at
