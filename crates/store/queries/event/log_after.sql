select org_id, seq, kind, subject_id, subject_name, operation, before, after, actor, request_id, at, hash
from plinth.events
where org_id = $1 and seq > $2
order by seq
limit $3
