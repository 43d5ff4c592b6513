-- What fits in so many bytes, and in one row more nothing but the news that there is more. A state is taken out of its
-- storage when it is put out, not before: what does not fit costs nothing.
select inbox_id, xid::text as xid, org_id, kind, subject_id, subject_name, operation,
    case when total <= $2 then before::text end as before, case when total <= $2 then after::text end as after,
    actor::text as actor, request_id, at, gen_random_uuid() as salt, total <= $2 as fits
from (
    select *, coalesce(bytes, octet_length(concat(before, after))) as size,
        sum(coalesce(bytes, octet_length(concat(before, after)))) over (order by inbox_id rows unbounded preceding) as total
    from plinth.event_inbox
    order by inbox_id
    limit $1) sized
where total - size <= $2
order by inbox_id
