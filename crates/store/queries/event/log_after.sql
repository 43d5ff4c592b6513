-- As many as fit, and the one behind: so there is always one.
select org_id, seq, kind, subject_id, subject_name, operation, before, after, actor, request_id, at, hash, size as bytes
from (
    select *, coalesce(bytes, octet_length(concat(before, after))) as size,
        sum(coalesce(bytes, octet_length(concat(before, after)))) over (order by seq rows unbounded preceding) as total
    from plinth.events
    where org_id = $1 and seq > $2
    order by seq
    limit $3) sized
where total - size < $4
order by seq
