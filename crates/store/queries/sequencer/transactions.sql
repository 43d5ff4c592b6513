select xid::text as xid, count(*) as events, sum(coalesce(bytes, octet_length(concat(before, after)))) as bytes
from plinth.event_inbox
group by xid
order by max(inbox_id)
limit $1
