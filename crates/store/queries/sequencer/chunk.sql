-- The first always, however large it is.
select inbox_id, xid::text as xid, org_id, kind, subject_id, subject_name, operation, before::text as before,
    after::text as after, actor::text as actor, request_id, at, gen_random_uuid() as salt
from (
    select *, coalesce(bytes, octet_length(concat(before, after))) as size,
        sum(coalesce(bytes, octet_length(concat(before, after)))) over (order by inbox_id rows unbounded preceding) as total
    from plinth.event_inbox
    where xid::text = any ($1::text[]) and inbox_id > $2
    order by inbox_id
    limit $3) sized
where total <= $4 or total = size
order by inbox_id
