-- Orgs with a live login whose lines are the oldest; one that is new comes first.
select org.org_id
from plinth.orgs org
left join plinth.bill_dates dated on dated.org_id = org.org_id
where exists (
    select from plinth.sql_logins login
    where login.org_id = org.org_id and login.revoked_at is null and login.expires_at > now())
    and coalesce(dated.as_of < now() - interval '20 seconds', true)
order by dated.as_of nulls first
limit $1
