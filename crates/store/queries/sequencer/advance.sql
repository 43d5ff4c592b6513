insert into plinth.event_heads (org_id, seq, hash)
select org_id, seq, hash from unnest($1::uuid[], $2::bigint[], $3::bytea[]) as head (org_id, seq, hash)
on conflict (org_id) do update set seq = excluded.seq, hash = excluded.hash
