select coalesce(head.seq, 0) as head_seq, head.hash as head_hash,
    coalesce((select max(seq) from plinth.events where org_id = $1), 0) as last_seq
from (values ($1::uuid)) as org (id)
left join plinth.event_heads head on head.org_id = org.id
