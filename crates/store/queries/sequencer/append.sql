insert into plinth.events
    (org_id, seq, kind, subject_id, subject_name, operation, before, after, actor, request_id, xid, at, salt, hash, bytes)
select org_id, seq, kind, subject_id, subject_name, operation, before::jsonb, after::jsonb, actor::jsonb, request_id,
    xid, at, salt, hash, bytes
from unnest(
    $1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::timestamptz[], $13::uuid[], $14::bytea[], $15::integer[])
    as event (org_id, seq, kind, subject_id, subject_name, operation, before, after, actor, request_id, xid, at, salt, hash,
        bytes)
