select inbox_id, xid::text as xid, org_id, kind, subject_id, subject_name, operation, before::text as before,
    after::text as after, actor::text as actor, request_id, at, gen_random_uuid() as salt
from plinth.event_inbox
order by inbox_id
limit $1
