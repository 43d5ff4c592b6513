select org_id, seq, hash from plinth.event_heads where org_id = any ($1::uuid[])
