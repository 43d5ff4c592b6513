select newest.principal, newest.action, newest.subject, newest.principal_name, newest.view, newest.context, total.count,
    newest.last_at
from plinth.refusals newest
cross join lateral (
    select sum(same.count)::bigint as count
    from plinth.refusals same
    where same.org_id = newest.org_id and same.principal = newest.principal and same.action = newest.action
        and same.subject = newest.subject and same.last_at >= $2) as total
where newest.org_id = $1 and newest.last_at >= $2
    and ($3::timestamptz is null
        or (newest.last_at, newest.principal, newest.action, newest.subject) < ($3, $4::text, $5::text, $6::text))
    and not exists (
        select from plinth.refusals later
        where later.org_id = newest.org_id and later.principal = newest.principal and later.action = newest.action
            and later.subject = newest.subject and later.hour > newest.hour)
order by newest.last_at desc, newest.principal desc, newest.action desc, newest.subject desc
limit $7
