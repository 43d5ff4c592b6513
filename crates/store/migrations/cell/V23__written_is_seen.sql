-- Nobody writes what they may not see: SQL says so as the API does. And ids that SQL makes are of their time.

-- Of version 7 (RFC 9562): later ids come after earlier ones, as those of crates/model do.
create function plinth.new_id() returns uuid
    language sql volatile parallel safe
    return encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
        52, 1), 53, 1), 'hex')::uuid;

-- Whether the policies let the caller do this class of actions to something that policies see so.
create function plinth.permits(class text, view jsonb) returns boolean
    language sql stable
    return (select j.everything or coalesce(jsonb_path_match(view, j.path, j.vars, true), false) from plinth.judgement(class) j);

-- Whether an update that was refused would have hidden the row from its writer, and was permitted else.
create function plinth.would_hide(kind text, rules jsonb, was jsonb, becomes jsonb) returns boolean
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    held plinth.resources;
    view jsonb;
begin
    perform set_config('plinth.class', 'resources:view', true);
    select * into held from plinth.resources r
    where r.org_id = plinth.current_org() and r.type = kind and r.name = was ->> 'name' and r.deleted_at is null;
    if not found or not plinth.permits('resources:update', held.facts || jsonb_build_object('spec', held.spec)) then
        return false;
    end if;
    view := plinth.resource_facts(kind, held.id, held.org_id, held.name, becomes -> 'properties', held.created_by, becomes ->> 'owner')
        || jsonb_build_object('spec', plinth.spec_of_row(rules, was, becomes));
    return plinth.permits('resources:update', view) and not plinth.permits('resources:view', view);
end
$$;
revoke execute on function plinth.would_hide from public;
grant create on schema plinth to plinth_writes;
alter function plinth.would_hide owner to plinth_writes;
revoke create on schema plinth from plinth_writes;

-- As before, with an id of its time.
create or replace function plinth.insert_resource(kind text, rules jsonb, becomes jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    org uuid := plinth.current_org();
    made uuid := plinth.new_id();
    wanted text := becomes ->> 'name';
    spec jsonb := plinth.spec_of_row(rules, '{}', becomes);
    maker jsonb := plinth.current_actor();
begin
    if coalesce(wanted, '') !~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' then
        raise exception '/name: use 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends'
            using errcode = 'check_violation';
    elsif wanted = 'actions' then
        raise exception '/name: is reserved: choose another one' using errcode = 'check_violation';
    end if;
    perform plinth.require_spec(rules, '{}', spec, '{}');
    perform plinth.require_owner(null, becomes ->> 'owner');
    perform plinth.require_quota(org, kind, coalesce((o.quotas ->> (rules ->> 'plural'))::bigint, (rules -> 'quotas' ->> o.plan)::bigint))
    from plinth.orgs o where o.org_id = org;
    insert into plinth.resources (org_id, id, type, name, properties, spec, created_by, owner, status)
    values (org, made, kind, wanted, becomes -> 'properties', spec, maker,
        coalesce(becomes ->> 'owner', plinth.first_owner(maker)), rules -> 'first_status');
    insert into plinth.usage_records (org_id, source, id, meter, resource_id, quantity, at)
    select org, 'control', made || '/' || meter, meter, made, 1, now()
    from jsonb_array_elements_text(rules -> 'meters') as meter;
    perform plinth.write_references(org, made, plinth.references_of(rules, spec));
exception when unique_violation then
    raise exception 'there is one with the name `%` already', wanted using errcode = 'unique_violation',
        hint = 'Choose another name, or update that one.';
end
$$;

create or replace function plinth.note_place(org uuid, who text, what text, place text, about jsonb) returns void
    language plpgsql set search_path = pg_catalog as $$
declare
    is_new boolean;
begin
    if exists (select from plinth.places p where p.org_id = org and p.principal = who and p.kind = what
            and p.value = place and p.last_at > now() - interval '1 hour') then
        return;
    end if;
    is_new := plinth.is_new_place(org, who, what, place);
    insert into plinth.places as known (org_id, principal, kind, value)
    select org, who, what, place
    where (select count(*) from plinth.places p where p.org_id = org and p.principal = who and p.kind = what) < 1000
        or exists (select from plinth.places p where p.org_id = org and p.principal = who and p.kind = what and p.value = place)
    on conflict on constraint places_pkey do update set last_at = now()
    where known.last_at <= now() - interval '1 hour';
    -- Of several at once, one has written it.
    if found and is_new then
        perform plinth.add_signal(org, plinth.new_id(), who, 'new_' || what, about, now());
    end if;
end
$$;

-- As before, but that what is inserted has to be seen, and that the refusal says when it is seeing that is missing.
create or replace function plinth.write_resource() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog set timezone = 'UTC' set standard_conforming_strings = on as $$
declare
    was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    becomes jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    plural text := replace(tg_table_name, '_', '-');
    action text := case tg_op when 'INSERT' then 'create' else lower(tg_op) end;
    tried boolean := false;
    hides boolean := false;
    declared record;
    made plinth.resources;
    wrong text;
begin
    if not plinth.by_sql() then
        raise exception 'views are written by logins of service accounts alone' using errcode = 'insufficient_privilege';
    end if;
    -- What a session sets by this name would stand in its events.
    perform set_config('plinth.request_id', '', true);
    -- Who applies a product waits for the writers that there are, and new ones for it: see product/freeze.
    lock table plinth.resources in row exclusive mode;
    select t.name, t.plural, s.rules, s.unportable into declared
    from plinth.resource_types t join plinth.sql_types s on s.name = t.name and s.revision = t.revision
    where replace(t.plural, '-', '_') = tg_table_name;
    if not found then
        raise exception 'the product changes right now' using errcode = 'serialization_failure', hint = 'Try again.';
    elsif declared.unportable is not null then
        raise exception '`%` cannot be written by SQL: the database cannot check %', declared.plural, declared.unportable
            using errcode = 'feature_not_supported', hint = 'Write it through the API.';
    end if;
    -- Who may do this to nothing is not told first what is wrong with a value.
    if exists (select from plinth.judgement('resources:' || action) j where not j.everything and j.vars is null) then
        raise insufficient_privilege;
    end if;
    if tg_op = 'DELETE' then
        perform plinth.delete_resource(declared.name, was);
        return old;
    end if;
    wrong := plinth.unwritable_column(declared.rules, was, becomes);
    if wrong is not null then
        raise exception 'column `%` is not for writing', wrong using errcode = 'feature_not_supported',
            hint = 'Write `name`, `owner`, `properties`, `spec` and the columns of its fields.';
    end if;
    if jsonb_typeof(becomes -> 'properties') = 'null' then
        becomes := jsonb_set(becomes, '{properties}', '{}');
    end if;
    wrong := plinth.properties_error(becomes -> 'properties');
    if wrong is not null then
        raise exception '%', wrong using errcode = 'check_violation';
    end if;
    tried := true;
    if tg_op = 'INSERT' then
        perform plinth.insert_resource(declared.name, declared.rules, becomes);
    else
        perform plinth.update_resource(declared.name, declared.rules, was, becomes);
    end if;
    -- What `returning` shows.
    perform set_config('plinth.class', 'resources:view', true);
    select * into made from plinth.resources r
    where r.org_id = plinth.current_org() and r.type = declared.name and r.name = becomes ->> 'name' and r.deleted_at is null;
    if not found then
        hides := true;
        raise insufficient_privilege;
    end if;
    return jsonb_populate_record(new, plinth.shown_row(made, declared.rules));
exception when insufficient_privilege then
    if hides or tried and tg_op = 'UPDATE' and plinth.would_hide(declared.name, declared.rules, was, becomes) then
        raise exception 'you would not see what `%` becomes, and nobody writes what they may not see: no role or policy of yours grants `%:view` for it',
            becomes ->> 'name', plural using errcode = 'insufficient_privilege',
            hint = 'An owner or admin of the org can give you one that does.';
    end if;
    raise exception 'no role or policy of yours grants `%:%` for `%`', plural, action, coalesce(was, becomes) ->> 'name'
        using errcode = 'insufficient_privilege', hint = 'An owner or admin of the org can give you one that does.';
end
$$;

-- Plans of a function that a session calls are nobody's to choose but ours, and nobody has them printed: the reasons stand
-- in V18 and V22. Whoever makes such a function anew calls this.
create procedure plinth.pin_plans(made regprocedure)
    language plpgsql set search_path = pg_catalog as $$
declare
    pinned record;
begin
    for pinned in
        values ('seq_page_cost', '1'), ('random_page_cost', '4'), ('cpu_tuple_cost', '0.01'),
            ('cpu_index_tuple_cost', '0.005'), ('cpu_operator_cost', '0.0025'), ('parallel_setup_cost', '1000'),
            ('parallel_tuple_cost', '0.1'), ('min_parallel_table_scan_size', '8MB'), ('min_parallel_index_scan_size', '512kB'),
            ('effective_cache_size', '4GB'), ('enable_seqscan', 'on'), ('enable_indexonlyscan', 'on'),
            ('enable_indexscan', 'on'), ('enable_bitmapscan', 'on'), ('enable_nestloop', 'on'), ('enable_hashjoin', 'on'),
            ('enable_mergejoin', 'on'), ('enable_hashagg', 'on'), ('enable_material', 'on'), ('enable_tidscan', 'on'),
            ('from_collapse_limit', '8'), ('join_collapse_limit', '8'), ('geqo', 'on'), ('plan_cache_mode', 'auto'),
            ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off')
    loop
        execute format('alter function %s set %I = %L', made, pinned.column1, pinned.column2);
    end loop;
end
$$;
revoke execute on procedure plinth.pin_plans from public;
call plinth.pin_plans('plinth.write_resource()');
