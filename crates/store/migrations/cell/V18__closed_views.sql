-- SQL sessions read through functions, and no longer from tables. PostgreSQL runs a condition of the session before those of
-- row-level security when it is leakproof and cheaper, and `explain analyze`, or the time that it took, then tells whether
-- any row passes it: a hidden one, or another org's. What stands outside of a function can be asked of its result alone.

-- Who the session speaks for, by the clock: a transaction, or several statements sent at once, would stop the time. And
-- policies hold from the next statement on, which no snapshot may outlive.
create or replace function plinth.sql_session(out org uuid, out account uuid, out made timestamptz)
    language plpgsql stable security definer parallel safe set search_path = pg_catalog as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'SQL access is for transactions of isolation level `read committed`'
            using errcode = 'feature_not_supported', hint = 'Policies hold from the next statement on.';
    end if;
    select l.org_id, l.service_account_id, l.created_at into org, account, made from plinth.sql_logins l
    where l.login = session_user and l.revoked_at is null and l.expires_at > clock_timestamp();
end
$$;

-- As before, by the clock.
create or replace function plinth.circumstances() returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    here timestamp := clock_timestamp() at time zone coalesce(
        (select o.time_zone from plinth.orgs o where o.org_id = plinth.current_org()), 'UTC');
    signals jsonb := case when plinth.by_sql() then plinth.sql_context()
        else coalesce(nullif(current_setting('plinth.context', true), '')::jsonb, '{}') end;
begin
    return signals || jsonb_build_object(
        'time', floor(extract(epoch from clock_timestamp()) * 1000)::bigint,
        'local', jsonb_build_object(
            'hour', extract(hour from here)::int,
            'minute', extract(minute from here)::int,
            'weekday', trim(to_char(here, 'day'))));
end
$$;

-- As before; what asks for the spec is seen, however the compiler writes it.
create or replace function plinth.judgement(class text, out everything boolean, out path jsonpath, out vars jsonb, out reads_spec boolean)
    language plpgsql stable security definer cost 1 set search_path = pg_catalog as $$
declare
    asking text := plinth.current_principal();
    who jsonb;
    kind text;
    memberships text[];
    permits text;
    forbids text;
begin
    if asking = 'plinth' then
        everything := true;
        return;
    end if;
    everything := false;
    path := 'strict 1 == 0';
    who := case when asking <> '' then plinth.principal() end;
    if who is null then
        return;
    end if;
    kind := split_part(who ->> 'uid', '::', 1);
    memberships := array(select jsonb_array_elements_text(who -> 'ancestors')) || (who ->> 'uid');
    select coalesce(bool_or(mine.permits and mine.predicate = '1 == 1'), false),
        string_agg('(' || mine.predicate || ')', ' || ') filter (where mine.permits),
        string_agg('(' || mine.predicate || ')', ' || ') filter (where not mine.permits)
    into everything, permits, forbids
    from plinth.rows_for(class) mine
    where (mine.principal_kind is null or mine.principal_kind = kind)
        and (mine.within is null or mine.within = any (memberships));
    if permits is null or (everything and forbids is null) then
        return;
    end if;
    if everything then
        permits := '1 == 1';
        everything := false;
    end if;
    -- What is unknown does not forbid: inside a filter it counts as false.
    permits := '(' || permits || ')' || case when forbids is null then '' else ' && !exists($ ? (' || forbids || '))' end;
    path := ('strict ' || permits)::jsonpath;
    -- Most policies ask for neither; a text that only looks like it costs time and changes nothing.
    reads_spec := strpos(permits, 'spec') > 0;
    vars := jsonb_build_object('principal', who);
    if strpos(permits, '$context') > 0 then
        vars := vars || jsonb_build_object('context', plinth.circumstances());
    end if;
end
$$;

-- Tokens and SQL logins are a kind of their own, as in crates/control/src/event/sight.rs.
create or replace function plinth.noun_of(kind text) returns text
    language sql immutable parallel safe
    return case kind when 'org' then 'org' when 'member' then 'members' when 'invitation' then 'invitations'
        when 'service_account' then 'service-accounts' when 'token' then 'tokens' when 'sql_login' then 'tokens'
        when 'policy' then 'policies' end;

-- Who did something, with a name for those who see the member or service account, or are it: as `Known` in crates/control.
create function plinth.seen_actor(actor jsonb, all_members boolean, all_accounts boolean) returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if (case actor ->> 'type'
        when 'user' then all_members or exists (select from plinth.memberships m
            where m.org_id = plinth.current_org() and m.user_id = plinth.id_of('user', actor ->> 'id'))
        when 'service_account' then all_accounts or exists (select from plinth.service_accounts a
            where a.org_id = plinth.current_org() and a.id = plinth.id_of('sa', actor ->> 'id'))
        else true end) or actor -> 'id' = plinth.principal() -> 'id'
    then
        return actor;
    end if;
    return actor || '{"name": ""}';
end
$$;

-- Whether the caller sees all of them.
create function plinth.sees_all(out members boolean, out accounts boolean) language sql stable
    begin atomic
        select m.everything, a.everything
        from plinth.judgement('members:view') m, plinth.judgement('service-accounts:view') a;
    end;

-- The same for those who stand in a state of the log.
create function plinth.seen_state(state jsonb, all_members boolean, all_accounts boolean) returns jsonb
    language sql stable security definer set search_path = pg_catalog as $$
    select state || coalesce((
        select jsonb_object_agg(name, plinth.seen_actor(state -> name, all_members, all_accounts))
        from unnest(array['created_by', 'invited_by', 'updated_by']) as name where jsonb_typeof(state -> name) = 'object'), '{}')
$$;

-- What the views show, and what policies let through of it. They belong to plinth_views, whom row-level security binds.
create function plinth.shown_resources(kind text) returns table (
    type text, id uuid, name text, properties jsonb, spec jsonb, status jsonb, generation bigint, observed_generation bigint,
    version bigint, owner text, created_by jsonb, created_at timestamptz, updated_at timestamptz)
    language sql stable security definer set search_path = pg_catalog as $$
    select r.type, r.id, r.name, r.properties, r.spec, r.status, r.generation, r.observed_generation, r.version, r.owner,
        plinth.seen_actor(r.created_by, sees.members, sees.accounts),
        r.created_at, r.updated_at
    from plinth.resources r cross join plinth.sees_all() as sees
    where r.org_id = (select plinth.current_org()) and r.type = kind and r.deleted_at is null
$$;

-- A row as the view of its type shows it: what `returning` gives, without reading the view again for each row.
create function plinth.shown_row(made plinth.resources, rules jsonb) returns jsonb
    language sql stable parallel safe
    return jsonb_build_object(
        'id', made.facts -> 'id', 'name', made.name, 'properties', made.properties, 'spec', made.spec,
        'state', made.status -> 'state', 'status', made.status, 'generation', made.generation,
        'observed_generation', made.observed_generation, 'version', made.version, 'owner', made.owner,
        'created_by', plinth.seen_actor(made.created_by, false, false), 'created_at', made.created_at, 'updated_at', made.updated_at)
    || coalesce((
        select jsonb_object_agg(c ->> 'name', case when c ->> 'type' = 'jsonb' or jsonb_typeof(field.value) =
            case c ->> 'type' when 'text' then 'string' when 'numeric' then 'number' else c ->> 'type' end then field.value end)
        from jsonb_array_elements(rules -> 'columns') as c
        cross join lateral (select made.spec #> array(select jsonb_array_elements_text(c -> 'path')) as value) as field), '{}');

create function plinth.shown_members() returns table (
    id text, email text, name text, roles text[], groups text[], attributes jsonb, created_at timestamptz)
    language sql stable security definer set search_path = pg_catalog as $$
    select plinth.id_text('user', m.user_id), m.email, m.name, m.roles, m.groups, m.attributes, m.created_at
    from plinth.memberships m where m.org_id = (select plinth.current_org())
$$;

create function plinth.shown_invitations() returns table (
    id text, email text, roles text[], invited_by jsonb, created_at timestamptz, expires_at timestamptz, accepted_at timestamptz)
    language sql stable security definer set search_path = pg_catalog as $$
    select plinth.id_text('inv', i.id), i.email, i.roles, plinth.seen_actor(i.invited_by, sees.members, sees.accounts),
        i.created_at, i.expires_at, i.accepted_at
    from plinth.invitations i cross join plinth.sees_all() as sees
    where i.org_id = (select plinth.current_org())
$$;

create function plinth.shown_service_accounts() returns table (
    id text, name text, roles text[], groups text[], attributes jsonb, created_by jsonb, created_at timestamptz)
    language sql stable security definer set search_path = pg_catalog as $$
    select plinth.id_text('sa', a.id), a.name, a.roles, a.groups, a.attributes,
        plinth.seen_actor(a.created_by, sees.members, sees.accounts), a.created_at
    from plinth.service_accounts a cross join plinth.sees_all() as sees
    where a.org_id = (select plinth.current_org())
$$;

create function plinth.shown_policies() returns table (
    id text, name text, description text, text text, version bigint, created_by jsonb, created_at timestamptz,
    updated_by jsonb, updated_at timestamptz)
    language sql stable security definer set search_path = pg_catalog as $$
    select plinth.id_text('policy', p.id), p.name, p.description, p.text, p.version,
        plinth.seen_actor(p.created_by, sees.members, sees.accounts), p.created_at,
        plinth.seen_actor(p.updated_by, sees.members, sees.accounts), p.updated_at
    from plinth.policies p cross join plinth.sees_all() as sees
    where p.org_id = (select plinth.current_org())
$$;

create function plinth.shown_signals() returns table (
    principal text, kind text, detail jsonb, weight integer, at timestamptz, counts_until timestamptz)
    language sql stable security definer set search_path = pg_catalog as $$
    select s.principal, s.kind, s.detail, s.weight, s.at, s.counts_until
    from plinth.signals s where s.org_id = (select plinth.current_org())
$$;

create function plinth.shown_bill_lines() returns table (
    period text, price text, title text, kind text, meter text, resource text, resource_name text, quantity numeric, unit text,
    amount numeric, currency text, records bigint, as_of timestamptz)
    language sql stable security definer set search_path = pg_catalog as $$
    select l.period, l.price, l.title, l.kind, l.meter, l.resource, l.resource_name, l.quantity, l.unit, l.amount, l.currency,
        l.records, l.as_of
    from plinth.bill_lines l where l.org_id = (select plinth.current_org())
$$;

-- Logs are long, and no condition comes in here. So there are functions that read a part of them.
create function org.usage_between(since timestamptz, until timestamptz default now()) returns table (
    meter text, resource text, quantity numeric, at timestamptz, source text, id text, properties jsonb, recorded_at timestamptz)
    language sql stable security definer set search_path = pg_catalog as $$
    select u.meter, plinth.resource_text(u.resource_id), u.quantity, u.at, u.source, u.id, u.properties, u.recorded_at
    from plinth.usage_records u
    where u.org_id = (select plinth.current_org()) and u.at >= since and u.at < until
    order by u.at desc
$$;

create function org.metrics_between(since timestamptz, until timestamptz default now()) returns table (
    metric text, resource text, resource_name text, labels jsonb, at timestamptz, value double precision)
    language sql stable security definer set search_path = pg_catalog as $$
    with series as materialized (
        select s.org_id, s.id, s.name, plinth.resource_text(s.resource_id) as resource, r.name as resource_name, s.labels
        from plinth.metric_series s left join plinth.resources r on r.org_id = s.org_id and r.id = s.resource_id
        where s.org_id = (select plinth.current_org()))
    select s.name, s.resource, s.resource_name, s.labels, p.at, p.value
    from series s join plinth.metric_points p on p.org_id = s.org_id and p.series_id = s.id
    where p.at >= since and p.at < until
$$;

-- Events after a number, in order; and all of them, the newest first.
do $$
declare
    seen record;
    shown text := '';
    all_members text := '(select m.everything from plinth.judgement(''members:view'') m)';
    all_accounts text := '(select a.everything from plinth.judgement(''service-accounts:view'') a)';
    columns text := 'seq bigint, kind text, subject text, subject_name text, operation text, before jsonb, after jsonb, actor jsonb, at timestamptz';
    body text;
begin
    for seen in values ('org'), ('members'), ('invitations'), ('service-accounts'), ('policies') loop
        shown := shown || format(' when %L then %s', seen.column1, plinth.judged(quote_literal(seen.column1 || ':view'), format(
            'plinth.noun_view(%L, plinth.id_text(plinth.subject_prefix(e.kind), e.subject_id), '
            'jsonb_build_object(''name'', STATE -> ''name'', ''email'', STATE -> ''email'', ''roles'', STATE -> ''roles''))', seen.column1)));
    end loop;
    shown := shown || format(' when ''tokens'' then (%s or exists (select from plinth.service_accounts a '
        'where a.org_id = e.org_id and a.id = (STATE ->> ''service_account_id'')::uuid)) and %s', all_accounts,
        plinth.judged('''tokens:view''', 'plinth.noun_view(''tokens'', plinth.id_text(plinth.subject_prefix(e.kind), e.subject_id), '
            'jsonb_build_object(''name'', STATE -> ''name'', ''service_account'', plinth.id_text(''sa'', (STATE ->> ''service_account_id'')::uuid)))'));
    shown := 'case when case plinth.noun_of(e.kind)' || shown
        || ' else exists (select from plinth.resource_types t where t.name = e.kind) and '
        || plinth.judged('''resources:view''', 'plinth.state_view(e.kind, e.subject_id, e.subject_name, STATE) || (select plinth.org_view())') || ' end then STATE end';
    -- What something is called is told with one of its states.
    body := format('select e.seq, e.kind, plinth.id_text(plinth.subject_prefix(e.kind), e.subject_id),
            case when s.before is not null or s.after is not null or (e.before is null and e.after is null)
                then e.subject_name else '''' end, e.operation,
            case when %1$s and %2$s then s.before else plinth.seen_state(s.before, %1$s, %2$s) end,
            case when %1$s and %2$s then s.after else plinth.seen_state(s.after, %1$s, %2$s) end,
            case when %1$s and %2$s then e.actor else plinth.seen_actor(e.actor, %1$s, %2$s) end, e.at
        from plinth.events e cross join lateral (select %3$s as before, %4$s as after offset 0) as s
        where e.org_id = (select plinth.current_org())', all_members, all_accounts,
        replace(shown, 'STATE', 'e.before'), replace(shown, 'STATE', 'e.after'));
    -- In the order of the index, so that the first are there before the last are read; to remember states costs more than to
    -- judge them.
    execute format('create function plinth.shown_events() returns table (%s)
        language sql stable security definer set search_path = pg_catalog set enable_memoize = off set enable_sort = off as %L',
        columns, body || ' order by e.seq desc');
    execute format('create function org.events_since(number bigint, most bigint default 1000) returns table (%s)
        language sql stable security definer set search_path = pg_catalog set enable_memoize = off as %L',
        columns, body || ' and e.seq > number order by e.seq limit most');
end
$$;

-- The views, as they were. Of logs each row is made when it is asked for, so that a `limit` ends the work.
create or replace view org.members as select * from plinth.shown_members();
create or replace view org.invitations as select * from plinth.shown_invitations();
create or replace view org.service_accounts as select * from plinth.shown_service_accounts();
create or replace view org.policies as select * from plinth.shown_policies();
create or replace view org.signals as select * from plinth.shown_signals();
create or replace view org.bill_lines as select * from plinth.shown_bill_lines();
create or replace view org.usage as
select (u.record).* from (select org.usage_between('-infinity', 'infinity') as record offset 0) as u;
create or replace view org.metrics as
select (p.record).* from (select org.metrics_between('-infinity', 'infinity') as record offset 0) as p;
drop view org.events;
create view org.events as
select (e.record).* from (select plinth.shown_events() as record offset 0) as e;
alter view org.events owner to plinth_views;
grant select on org.events to plinth_sql;

-- What the API could not read again, and no reader then: a number beyond a double, and a nesting without end. Null when
-- there is nothing of the kind.
create function plinth.document_error(document jsonb, at text) returns text
    language sql immutable parallel safe
    return case
        when jsonb_path_exists(document, 'strict $.**{64}') then at || ': is nested deeper than 64 levels'
        when jsonb_path_exists(document, 'strict $.** ? (@.type() == "number" && (@ > 1.7976931348623157e308 || @ < -1.7976931348623157e308))')
            then at || ': has a number that is too large' end;

-- Whole numbers without a fraction of zeros: `1000.0`, as drivers write decimals, is 1000.
create function plinth.plain_numbers(document jsonb) returns jsonb
    language plpgsql immutable parallel safe set search_path = pg_catalog as $$
begin
    if document is null or document::text !~ '[0-9][.][0-9]*0([^0-9]|$)' then
        return document;
    end if;
    return case jsonb_typeof(document)
        when 'number' then to_jsonb(trim_scale((document #>> '{}')::numeric))
        when 'array' then (select jsonb_agg(plinth.plain_numbers(item) order by place)
            from jsonb_array_elements(document) with ordinality as t (item, place))
        when 'object' then (select jsonb_object_agg(key, plinth.plain_numbers(value)) from jsonb_each(document))
        else document end;
end
$$;

-- As before, with these two.
create or replace function plinth.spec_of_row(rules jsonb, was jsonb, becomes jsonb) returns jsonb
    language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    spec jsonb := case when jsonb_typeof(becomes -> 'spec') = 'null' then '{}' else becomes -> 'spec' end;
    field record;
begin
    for field in
        select c ->> 'name' as name, array(select jsonb_array_elements_text(c -> 'path')) as path
        from jsonb_array_elements(rules -> 'columns') as c
    loop
        if becomes -> field.name is distinct from coalesce(was -> field.name, 'null') then
            if jsonb_typeof(spec) <> 'object' then
                return spec;
            end if;
            spec := plinth.put(spec, field.path, nullif(becomes -> field.name, 'null'));
        end if;
    end loop;
    return plinth.plain_numbers(spec);
end
$$;

create or replace function plinth.require_spec(rules jsonb, was jsonb, spec jsonb, sealed jsonb) returns void
    language plpgsql stable set search_path = pg_catalog as $$
declare
    wrong text;
    checked jsonb := spec;
    secret jsonb;
begin
    select '/spec' || v.pointer into wrong
    from jsonb_array_elements(rules -> 'secrets') as path cross join lateral plinth.values_at(spec, path, '') as v limit 1;
    if found then
        raise exception '%: is a secret, which SQL cannot write', wrong using errcode = 'feature_not_supported',
            hint = 'Set it with `plinth apply` or in the console: the control plane encrypts it there.';
    end if;
    if octet_length(spec::text) > 1048576 then
        raise exception '/spec: is larger than 1 MiB' using errcode = 'check_violation';
    end if;
    wrong := plinth.document_error(spec, '/spec');
    if wrong is not null then
        raise exception '%', wrong using errcode = 'check_violation';
    end if;
    -- Those that stay are there, whatever they are.
    for secret in select path from jsonb_array_elements(rules -> 'secrets') as path where sealed ? plinth.pointer_of(path) loop
        checked := plinth.put(checked, array(select jsonb_array_elements_text(secret)), '"secret"');
    end loop;
    wrong := plinth.schema_error(rules -> 'schema', checked, '/spec');
    if wrong is not null then
        raise exception '%', wrong using errcode = 'check_violation';
    end if;
    select '/spec' || before.pointer into wrong
    from jsonb_array_elements(rules -> 'immutable') as path
    cross join lateral plinth.values_at(was, path, '') as before
    where before.value is distinct from (select after.value from plinth.values_at(spec, path, '') as after)
    limit 1;
    if found then
        raise exception '%: cannot change once the resource exists', wrong using errcode = 'check_violation',
            hint = 'Create another one.';
    end if;
end
$$;

create or replace function plinth.properties_error(properties jsonb) returns text
    language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    wrong text;
begin
    if jsonb_typeof(properties) <> 'object' then
        return '/properties: must be an object';
    elsif (select count(*) from jsonb_object_keys(properties)) > 64 then
        return '/properties: at most 64 are allowed';
    end if;
    select key into wrong from jsonb_object_keys(properties) as key where key !~ '^[A-Za-z][A-Za-z0-9_.-]{0,62}$' limit 1;
    if found then
        return format('/properties: `%s` is not a property name: use 1 to 63 letters, digits, `_`, `-` or `.`, a letter first', left(wrong, 80));
    end if;
    select key into wrong from jsonb_each(properties) as p (key, value)
    where jsonb_typeof(value) not in ('number', 'boolean') and (jsonb_typeof(value) <> 'string' or char_length(value #>> '{}') > 256)
    limit 1;
    if found then
        return format('/properties/%s: is not a flat value: use a string of up to 256 characters, a number or a boolean', wrong);
    end if;
    return plinth.document_error(properties, '/properties');
end
$$;

-- As before, of what is given: `value` was the column of the fields of the branch.
drop function plinth.is_meant;
create function plinth.is_meant(branch jsonb, given jsonb) returns boolean
    language sql immutable parallel safe
    return jsonb_typeof(given) = 'object' and (
        select coalesce(bool_and(given -> field.key = field.value -> 'const'), false)
        from jsonb_each(case when jsonb_typeof(branch -> 'properties') = 'object' then branch -> 'properties' else '{}' end) as field
        where jsonb_typeof(field.value) = 'object' and field.value ? 'const');

-- As before, also where only something uses it that the session may not see.
create or replace function plinth.delete_resource(kind text, was jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    held plinth.resources := plinth.hold_resource(kind, was);
begin
    if plinth.is_referred_to(held.id) then
        raise exception '`%` is in use: delete or change what refers to it first', held.name using errcode = 'foreign_key_violation',
            detail = (
                select coalesce('Used by ' || string_agg(format('%s `%s`', r.type, r.name), ', ' order by r.name),
                    'Used by something that you may not see')
                from plinth.resource_refs ref
                join plinth.resources r on r.org_id = ref.org_id and r.id = ref.from_id and r.deleted_at is null
                where ref.org_id = held.org_id and ref.to_id = held.id);
    end if;
    perform set_config('plinth.class', 'resources:delete', true);
    update plinth.resources
    set deleted_at = now(), updated_at = now(), generation = generation + 1, version = version + 1
    where org_id = held.org_id and id = held.id;
    if not found then
        raise insufficient_privilege;
    end if;
end
$$;

-- As before. Times in events are of UTC, whatever the clock of the session shows, and nobody has the plans printed, which
-- have encrypted secrets in them.
create or replace function plinth.write_resource() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog set timezone = 'UTC' set standard_conforming_strings = on
    set debug_print_parse = off set debug_print_rewritten = off set debug_print_plan = off as $$
declare
    was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    becomes jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    action text := case tg_op when 'INSERT' then 'create' else lower(tg_op) end;
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
    if tg_op = 'INSERT' then
        perform plinth.insert_resource(declared.name, declared.rules, becomes);
    else
        perform plinth.update_resource(declared.name, declared.rules, was, becomes);
    end if;
    -- What `returning` shows; what was given, for who may not see it.
    perform set_config('plinth.class', 'resources:view', true);
    select * into made from plinth.resources r
    where r.org_id = plinth.current_org() and r.type = declared.name and r.name = becomes ->> 'name' and r.deleted_at is null;
    if found then
        return jsonb_populate_record(new, plinth.shown_row(made, declared.rules));
    end if;
    return new;
exception when insufficient_privilege then
    raise exception 'no role or policy of yours grants `%:%` for `%`', replace(tg_table_name, '_', '-'), action,
        coalesce(was, becomes) ->> 'name' using errcode = 'insufficient_privilege',
        hint = 'An owner or admin of the org can give you one that does.';
end
$$;

-- As before, of functions.
create or replace function plinth.show_types(types jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    shown record;
    known record;
    definition text;
    columns text;
begin
    for shown in
        select t ->> 'name' as type, replace(t ->> 'plural', '-', '_') as view, t -> 'columns' as columns
        from jsonb_array_elements(types) as t
    loop
        select coalesce(string_agg(format(case field ->> 'type'
                when 'text' then ', case when jsonb_typeof(spec #> %1$L) = ''string'' then spec #>> %1$L end as %2$I'
                when 'numeric' then ', case when jsonb_typeof(spec #> %1$L) = ''number'' then (spec #>> %1$L)::numeric end as %2$I'
                when 'boolean' then ', case when jsonb_typeof(spec #> %1$L) = ''boolean'' then (spec #>> %1$L)::boolean end as %2$I'
                else ', spec #> %1$L as %2$I' end,
            array(select jsonb_array_elements_text(field -> 'path')), field ->> 'name'), '' order by place), '')
        into columns
        from jsonb_array_elements(shown.columns) with ordinality as c (field, place);
        definition := format('create view org.%I as select plinth.id_text(type, id) as id, name, properties%s, spec, '
            'status ->> ''state'' as state, status, generation, observed_generation, version, owner, created_by, created_at, '
            'updated_at from plinth.shown_resources(%L)', shown.view, columns, shown.type);
        continue when obj_description(to_regclass(format('org.%I', shown.view)), 'pg_class') = 'closed type ' || md5(definition);
        execute format('drop view if exists org.%I', shown.view);
        execute definition;
        execute format('comment on view org.%I is %L', shown.view, 'closed type ' || md5(definition));
        execute format('create trigger write instead of insert or update or delete on org.%I '
            'for each row execute function plinth.write_resource()', shown.view);
        execute format('grant select, insert, update, delete on org.%I to plinth_sql', shown.view);
    end loop;
    for known in
        select c.relname from pg_class c
        where c.relnamespace = 'org'::regnamespace and obj_description(c.oid, 'pg_class') ~ '^((written|closed) )?type '
            and c.relname not in (select replace(t ->> 'plural', '-', '_') from jsonb_array_elements(types) as t)
    loop
        execute format('drop view org.%I', known.relname);
    end loop;
end
$$;

-- They belong to those whom row-level security binds.
grant create on schema plinth to plinth_views;
do $$
declare
    made record;
begin
    for made in
        select p.oid::regprocedure as function from pg_proc p
        where p.pronamespace = 'org'::regnamespace
            or p.pronamespace = 'plinth'::regnamespace and (p.proname ~ '^shown_(?!row$)' or p.proname in ('seen_actor', 'seen_state'))
    loop
        execute format('alter function %s owner to plinth_views', made.function);
        -- Without the indexes of its org it would read, and count in `explain (analyze, buffers)`, the pages of all orgs.
        execute format('alter function %s set enable_indexscan = on', made.function);
        execute format('alter function %s set enable_bitmapscan = on', made.function);
        execute format('alter function %s set jit = off', made.function);
        execute format('revoke execute on function %s from public', made.function);
        execute format('grant execute on function %s to plinth_sql, plinth_writes', made.function);
    end loop;
end
$$;
revoke create on schema plinth from plinth_views;
