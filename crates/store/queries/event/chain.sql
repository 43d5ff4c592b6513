select seq, org_id, kind, subject_id, subject_name, operation, before::text as before, after::text as after,
    actor::text as actor, request_id, xid, at, salt, hash
from plinth.events
where org_id = $1 and seq > $2 and seq <= $3
order by seq
limit 1000
