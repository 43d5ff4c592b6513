-- Policies at a fraction of the cost: a statement asks once, not once for each part of the answer, and rows keep what
-- policies read of them, which took most of the time to put together.

-- As before, in a fifth of the time. `prefix_` and 26 digits of Crockford's base32: crates/model/src/id.rs. It has a
-- path of its own because its plan is made anew whenever the one of its caller is another than at the last call.
create or replace function plinth.id_text(prefix text, id uuid) returns text
    language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    bits bit(130) := B'00' || ('x' || replace(id::text, '-', ''))::bit(128);
    digits text := '';
begin
    for place in 0..25 loop
        digits := digits || substr('0123456789abcdefghjkmnpqrstvwxyz', substring(bits from place * 5 + 1 for 5)::int + 1, 1);
    end loop;
    return prefix || '_' || digits;
end
$$;

-- What stands on the ways of asking that go.
drop policy view on plinth.resources;
drop policy make on plinth.resources;
drop policy change on plinth.resources;
drop policy view on plinth.metric_series;
drop policy sight on plinth.metric_series;
drop policy sight on plinth.metric_points;
drop policy sight on plinth.memberships;
drop policy sight on plinth.invitations;
drop policy sight on plinth.service_accounts;
drop policy sight on plinth.policies;
drop policy sight on plinth.usage_records;
drop policy sight on plinth.events;
drop view org.events;

-- Whom it belongs to at first, when this actor makes it: as `Actor::as_owner` in crates/model.
create function plinth.first_owner(actor jsonb) returns text
    language sql immutable parallel safe
    return case when actor ->> 'type' in ('user', 'service_account') then actor ->> 'id' end;

-- What policies may ask about a resource, but for its spec, which is long and seldom asked for: as `view::resource` in
-- crates/policy.
create function plinth.resource_facts(
    type text, id uuid, org uuid, name text, properties jsonb, created_by jsonb, owner text)
    returns jsonb language sql immutable parallel safe
    return jsonb_build_object(
        'type', type, 'id', plinth.id_text(type, id), 'name', name, 'properties', properties,
        'org', plinth.id_text('org', org),
        'creator', case created_by ->> 'type'
            when 'user' then 'User::' || (created_by ->> 'id')
            when 'service_account' then 'ServiceAccount::' || (created_by ->> 'id') end,
        'owner', case when starts_with(owner, 'user_') then 'User::' || owner
            when starts_with(owner, 'sa_') then 'ServiceAccount::' || owner end);
drop trigger capture on plinth.resources;
-- The id of a user or a service account, as text; who it is may have left the org since.
alter table plinth.resources add column owner text;
-- For this once: the owner of the tables sees no rows otherwise.
create policy migrate on plinth.resources to plinth_owner using (true) with check (true);
update plinth.resources set owner = plinth.first_owner(created_by) where plinth.first_owner(created_by) is not null;
drop policy migrate on plinth.resources;
alter table plinth.resources
    drop column id_text,
    add column facts jsonb not null
        generated always as (plinth.resource_facts(type, id, org_id, name, properties, created_by, owner)) stored;
create trigger capture after insert or update or delete on plinth.resources
    for each row execute function plinth.capture('', 'id', 'name', 'secrets', 'facts');

-- What policies see of a thing that is no resource, as `noun_view` has it, but for the org.
create function plinth.bare_view(kind text, id text, rest jsonb) returns jsonb
    language sql immutable parallel safe
    return jsonb_build_object('id', id, 'type', kind, 'properties', '{}'::jsonb) || rest;

-- The org of a view: asked for in a sub-select, it is found once for a statement and not for each row.
create function plinth.org_view() returns jsonb
    language sql stable parallel safe
    return jsonb_build_object('org', plinth.org_text());

-- What policies see of a state in the log, but for the org.
create or replace function plinth.state_view(kind text, subject uuid, name text, state jsonb) returns jsonb
    language sql stable parallel safe
    return plinth.resource_facts(kind, subject, null, coalesce(state ->> 'name', name),
        coalesce(state -> 'properties', '{}'), state -> 'created_by', state ->> 'owner')
        || jsonb_build_object('spec', state -> 'spec');
drop function plinth.resource_view;

-- The circumstances of a statement, as `Context` in crates/policy; hours and weekdays are those of the org's time zone.
create function plinth.circumstances() returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    here timestamp := statement_timestamp() at time zone coalesce(
        (select o.time_zone from plinth.orgs o where o.org_id = plinth.current_org()), 'UTC');
    signals jsonb := case when plinth.by_sql() then plinth.sql_context()
        else coalesce(nullif(current_setting('plinth.context', true), '')::jsonb, '{}') end;
begin
    return signals || jsonb_build_object(
        'time', floor(extract(epoch from statement_timestamp()) * 1000)::bigint,
        'local', jsonb_build_object(
            'hour', extract(hour from here)::int,
            'minute', extract(minute from here)::int,
            'weekday', trim(to_char(here, 'day'))));
end
$$;

-- What a class of actions is open to for the caller: everything, or the rows that `path` is true of, with `vars`. The
-- policies below call it where it is run once for a statement: a function in `from` keeps its row as long as its
-- arguments stay.
create function plinth.judgement(class text, out everything boolean, out path jsonpath, out vars jsonb, out reads_spec boolean)
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
    reads_spec := strpos(permits, '"spec"') > 0;
    vars := jsonb_build_object('principal', who);
    if strpos(permits, '$context') > 0 then
        vars := vars || jsonb_build_object('context', plinth.circumstances());
    end if;
end
$$;

-- A condition for a row: `view` is an expression for what policies see of it, as `Caller::permits` in crates/control
-- has it. Of a test for null the planner takes it that nearly all rows pass, as they do for most callers; of any other
-- that half of them do, and it sorts what lies in order in an index.
create or replace function plinth.judged(class text, view text) returns text
    language sql immutable
    return format('nullif((select j.everything or coalesce(jsonb_path_match(%s, j.path, j.vars, true), false) '
        'from plinth.judgement(%s) j), false) is not null', view, class);

do $$
declare
    here text := 'org_id = (select plinth.current_org())';
    resource text := 'case when j.reads_spec then facts || jsonb_build_object(''spec'', spec) else facts end';
    seen record;
    subject text := 'jsonb_build_object(''type'', kind, ''id'', plinth.id_text(plinth.subject_prefix(kind), subject_id), ''name'', subject_name)';
    resource_before text := 'before is not null and '
        || plinth.judged('''resources:view''', 'plinth.state_view(kind, subject_id, subject_name, before) || (select plinth.org_view())');
    resource_after text := 'after is not null and '
        || plinth.judged('''resources:view''', 'plinth.state_view(kind, subject_id, subject_name, after) || (select plinth.org_view())');
    shown text := '';
    of_seen_resources text := '(exists (select from plinth.judgement(''resources:view'') j where j.everything) or exists (
        select from plinth.resources r where r.org_id = metric_series.org_id and r.id = metric_series.resource_id))';
begin
    execute format('create policy view on plinth.resources for select to plinth_api, plinth_views using (%s and %s)',
        here, plinth.judged('''resources:view''', resource));
    execute format('create policy make on plinth.resources for insert to plinth_api with check (%s and %s)',
        here, plinth.judged('''resources:create''', resource));
    -- To hold a row still takes no more than to see it, which the policy above asks already.
    execute format('create policy change on plinth.resources for update to plinth_api '
        'using (%1$s and ((select plinth.current_class()) = ''resources:view'' or %2$s)) with check (%1$s and %2$s '
        'and ((select plinth.current_class()) <> ''resources:view'' or (select plinth.current_principal()) = ''plinth''))',
        here, plinth.judged('plinth.current_class()', resource));
    -- Points are seen by who may see points, of the resources that they may see.
    execute format('create policy view on plinth.metric_series for select to plinth_api using (%s and %s)', here, of_seen_resources);

    for seen in values
        ('memberships', 'members:view', 'plinth.noun_view(''members'', plinth.id_text(''user'', user_id), '
            'jsonb_build_object(''name'', name, ''email'', email, ''roles'', roles))'),
        ('invitations', 'invitations:view', 'plinth.noun_view(''invitations'', plinth.id_text(''inv'', id), '
            'jsonb_build_object(''email'', email, ''roles'', roles))'),
        ('service_accounts', 'service-accounts:view', 'plinth.noun_view(''service-accounts'', plinth.id_text(''sa'', id), '
            'jsonb_build_object(''name'', name, ''roles'', roles))'),
        ('policies', 'policies:view', 'plinth.noun_view(''policies'', plinth.id_text(''policy'', id), jsonb_build_object(''name'', name))'),
        ('usage_records', 'usage:view', 'plinth.bare_view(''usage'', source || ''/'' || id, plinth.about(resource_id)) || (select plinth.org_view())'),
        ('metric_series', 'metrics:view', 'plinth.noun_view(''metrics'', name, plinth.about(resource_id))')
    loop
        execute format('create policy sight on plinth.%I for select to plinth_views using (%s and %s%s)',
            seen.column1, here, plinth.judged(quote_literal(seen.column2), seen.column3),
            case seen.column1 when 'metric_series' then ' and ' || of_seen_resources else '' end);
    end loop;
    execute format('create policy sight on plinth.metric_points for select to plinth_views using (%s
        and exists (select from plinth.metric_series s where s.org_id = metric_points.org_id and s.id = metric_points.series_id))', here);
    -- As `Sight` in crates/control.
    execute format('create policy sight on plinth.events for select to plinth_views using (%s '
        'and %s and (plinth.noun_of(kind) is not null or not exists (select from plinth.resource_types t where t.name = kind) or (%s) or (%s)))',
        here, plinth.judged('''events:view''', format('plinth.bare_view(''events'', seq::text, jsonb_build_object(''subject'', %s)) '
            '|| (select plinth.org_view())', subject)),
        resource_before, resource_after);
    for seen in values ('org'), ('members'), ('invitations'), ('service-accounts'), ('policies') loop
        shown := shown || format(' when %L then %s', seen.column1, plinth.judged(quote_literal(seen.column1 || ':view'), format(
            'plinth.noun_view(%L, plinth.id_text(plinth.subject_prefix(kind), subject_id), '
            'jsonb_build_object(''name'', STATE -> ''name'', ''email'', STATE -> ''email'', ''roles'', STATE -> ''roles''))', seen.column1)));
    end loop;
    shown := 'case when case plinth.noun_of(kind)' || shown
        || ' else exists (select from plinth.resource_types t where t.name = kind) and '
        || plinth.judged('''resources:view''', 'plinth.state_view(kind, subject_id, subject_name, STATE) || (select plinth.org_view())') || ' end then STATE end';
    execute format('create view org.events with (security_barrier) as select seq, kind, '
        'plinth.id_text(plinth.subject_prefix(kind), subject_id) as subject, subject_name, operation, %s as before, %s as after, '
        'actor, at from plinth.events',
        replace(shown, 'STATE', 'before'), replace(shown, 'STATE', 'after'));
end
$$;
drop function plinth.access, plinth.asked;

-- The id in a text such as `user_..`, the reverse of `id_text`; null when it is none.
create function plinth.id_of(prefix text, id text) returns uuid
    language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    digits text := substr(id, length(prefix) + 2);
    bits varbit := '';
    hex text := '';
begin
    if id !~ ('^' || prefix || '_[0-7][0-9a-hjkmnp-tv-z]{25}$') then
        return null;
    end if;
    for place in 1..26 loop
        bits := bits || (strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(digits, place, 1)) - 1)::bit(5);
    end loop;
    for place in 0..31 loop
        hex := hex || to_hex(substring(bits from place * 4 + 3 for 4)::int);
    end loop;
    return hex::uuid;
end
$$;

-- Whether the caller may make somebody the owner of a resource: a member or a service account of the org whom the caller
-- may see, or is. It belongs to plinth_views, whom row-level security binds to what the caller may see.
create function plinth.can_own(owner text) returns boolean
    language sql stable security definer
    begin atomic
        select coalesce(owner = plinth.principal() ->> 'id', false)
            or exists (select from plinth.memberships m
                       where m.org_id = plinth.current_org() and m.user_id = plinth.id_of('user', owner))
            or exists (select from plinth.service_accounts a
                       where a.org_id = plinth.current_org() and a.id = plinth.id_of('sa', owner));
    end;
revoke execute on function plinth.can_own from public;
grant execute on function plinth.can_own to plinth_api, plinth_writes;
grant create on schema plinth to plinth_views;
alter function plinth.can_own owner to plinth_views;
revoke create on schema plinth from plinth_views;

alter view org.events owner to plinth_views;
grant select on org.events to plinth_sql;
