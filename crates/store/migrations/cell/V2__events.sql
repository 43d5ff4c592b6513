-- Every change of an org-owned noun is captured in the transaction that makes it, whoever makes it. The sequencer moves
-- committed rows from the inbox to the log and numbers them per org: 1, 2, 3 ... without gaps.
create table plinth.event_inbox (
    org_id uuid not null,
    inbox_id bigint generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    kind text not null,
    subject_id uuid not null,
    subject_name text not null,
    operation text not null,
    before jsonb,
    after jsonb,
    actor jsonb not null,
    request_id text,
    at timestamptz not null default clock_timestamp(),
    primary key (org_id, inbox_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, fillfactor = 100);
-- The one index that does not start with org_id: its only reader is the sequencer, who works over all orgs in order.
create index event_inbox_order on plinth.event_inbox (inbox_id);
call plinth.protect('plinth.event_inbox');
revoke all on plinth.event_inbox from plinth_api;
create policy capture on plinth.event_inbox for insert to plinth_owner with check (true);

create table plinth.events (
    org_id uuid not null,
    seq bigint not null check (seq > 0),
    kind text not null,
    subject_id uuid not null,
    subject_name text not null,
    operation text not null,
    before jsonb,
    after jsonb,
    actor jsonb not null,
    request_id text,
    -- Events of one transaction share its id and follow each other.
    xid text not null,
    at timestamptz not null,
    -- SHA-256 over the previous event's hash and this event: see `audit` in the store for the exact bytes.
    hash bytea not null,
    primary key (org_id, seq)
);
create index events_subject on plinth.events (org_id, subject_id, seq);
call plinth.protect('plinth.events');
-- Append-only for everybody who serves requests.
revoke insert, update, delete on plinth.events from plinth_api;
revoke update, delete on plinth.events from plinth_system;

create table plinth.event_heads (
    org_id uuid primary key,
    seq bigint not null,
    hash bytea not null
);
call plinth.protect('plinth.event_heads');
revoke insert, update, delete on plinth.event_heads from plinth_api;

-- The names in an object, as an array.
create function plinth.keys(object jsonb) returns jsonb
    language sql immutable parallel safe
    return case when object = '{}' then '[]'::jsonb else (select jsonb_agg(key) from jsonb_object_keys(object) as key) end;

-- Trigger arguments: kind ('' takes the row's own `type`), id column, name column, then columns that never leave the row.
create function plinth.capture() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    old_whole jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    new_whole jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    old_row jsonb := old_whole - tg_argv[3:];
    new_row jsonb := new_whole - tg_argv[3:];
    row_now jsonb := coalesce(new_row, old_row);
    kind text := coalesce(nullif(tg_argv[0], ''), row_now ->> 'type');
    operation text;
begin
    if old_whole = new_whole then
        return null;
    end if;
    -- Of a resource's secrets an event tells which ones are set.
    if tg_argv[0] = '' then
        old_row := old_row || jsonb_build_object('secrets_set', plinth.keys(old_whole -> 'secrets'));
        new_row := new_row || jsonb_build_object('secrets_set', plinth.keys(new_whole -> 'secrets'));
    end if;
    operation := case
        when tg_op = 'INSERT' then 'create'
        when tg_op = 'DELETE' then case when tg_argv[0] = '' then 'purge' else 'delete' end
        when tg_argv[0] <> '' then 'update'
        when old_row -> 'deleted_at' = 'null' and new_row -> 'deleted_at' <> 'null' then 'delete'
        when old_row -> 'deleted_at' <> 'null' and new_row -> 'deleted_at' = 'null' then 'undelete'
        when old_row -> 'finalized_at' = 'null' and new_row -> 'finalized_at' <> 'null' then 'finalize'
        when old_row -> 'version' = new_row -> 'version' then 'status'
        else 'update'
    end;
    insert into plinth.event_inbox (org_id, kind, subject_id, subject_name, operation, before, after, actor, request_id)
    values (
        (row_now ->> 'org_id')::uuid, kind, (row_now ->> tg_argv[1])::uuid, row_now ->> tg_argv[2], operation,
        old_row, new_row, plinth.current_actor(), nullif(current_setting('plinth.request_id', true), ''));
    return null;
end
$$;
