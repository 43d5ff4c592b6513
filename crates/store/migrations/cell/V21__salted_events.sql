-- The hash of an event is shown also to readers from whom policies hide a part of it. The salt goes into the hash and is
-- shown to nobody, so that a guess at what is hidden cannot be tried against it. Events from before have none.
alter table plinth.events add column salt uuid;

-- Who reads events reads as many as fit into memory, however many there are and however well they are compressed: so each
-- says how large its states are. In the log that is the length of their text. The inbox has what they take up
-- uncompressed, which costs the writer nothing, as the trigger has them at hand; to make the text a second time would cost
-- each write what the sequencer pays for it. Texts are about as long; at the very worst, of large powers of ten only, 26
-- times. What was written before has none.
alter table plinth.events add column bytes integer;
alter table plinth.event_inbox add column bytes integer;

-- As before, with the size.
create or replace function plinth.capture() returns trigger
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
    insert into plinth.event_inbox (org_id, kind, subject_id, subject_name, operation, before, after, actor, request_id, bytes)
    values (
        (row_now ->> 'org_id')::uuid, kind, (row_now ->> tg_argv[1])::uuid, row_now ->> tg_argv[2], operation,
        old_row, new_row, plinth.current_actor(), nullif(current_setting('plinth.request_id', true), ''),
        coalesce(pg_column_size(old_row), 0) + coalesce(pg_column_size(new_row), 0));
    return null;
end
$$;
