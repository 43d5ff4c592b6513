select org_id, seq, hash from plinth.event_heads where org_id = $1
