insert into plinth.refusals
    (org_id, principal, action, subject, hour, principal_name, view, context, count, last_at)
select $1, principal, action, subject, date_trunc('hour', last_at, 'UTC'), principal_name, view, context, count, last_at
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::bigint[], $9::timestamptz[])
    as refused (principal, action, subject, principal_name, view, context, count, last_at)
where exists (select from plinth.orgs where org_id = $1)
    -- Who asks for ever new things does not fill the disk: an org has ten thousand rows in an hour, and some more.
    and (select count(*) from (
        select from plinth.refusals lately where lately.org_id = $1 and lately.last_at > now() - interval '1 hour' limit 10000) as found) < 10000
on conflict (org_id, principal, action, subject, hour) do update
set count = refusals.count + excluded.count, last_at = greatest(refusals.last_at, excluded.last_at),
    principal_name = excluded.principal_name, view = excluded.view, context = excluded.context
returning count
