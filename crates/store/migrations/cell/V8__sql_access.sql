-- SQL access: logins of service accounts, which see their org's things through the views of the schema `org`, as far as
-- policies let them. Who such a session speaks for comes from its login alone: nothing that it can set is asked.

create table plinth.sql_logins (
    org_id uuid not null,
    id uuid not null,
    service_account_id uuid not null,
    name text not null,
    -- The role of the database server.
    login text not null,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, service_account_id) references plinth.service_accounts on delete cascade
);
create index sql_logins_account on plinth.sql_logins (org_id, service_account_id);
-- The login says which org it is of; so this index cannot begin with one.
create unique index sql_logins_login on plinth.sql_logins (login);
call plinth.protect('plinth.sql_logins');
revoke delete on plinth.sql_logins from plinth_api;
create trigger capture after insert or update or delete on plinth.sql_logins
    for each row execute function plinth.capture('sql_login', 'id', 'name');
create policy judge on plinth.sql_logins for select to plinth_owner using (login = session_user);

-- Whether this is a session of such a login, live or not. No other role has a name like this.
create function plinth.by_sql() returns boolean
    language sql stable parallel safe
    return starts_with(session_user::text, 'plinth_sql_');

-- The login of this session while it is live; no row afterwards, also for a session that is still connected.
create function plinth.sql_session(out org uuid, out account uuid, out made timestamptz)
    language sql stable security definer parallel safe
    begin atomic
        select l.org_id, l.service_account_id, l.created_at from plinth.sql_logins l
        where l.login = session_user and l.revoked_at is null and l.expires_at > statement_timestamp();
    end;

create or replace function plinth.current_org() returns uuid
    language sql stable parallel safe
    return case when plinth.by_sql() then (plinth.sql_session()).org
        else nullif(current_setting('plinth.org', true), '')::uuid end;

create or replace function plinth.current_principal() returns text
    language sql stable parallel safe
    return case when plinth.by_sql() then coalesce('service_account:' || (plinth.sql_session()).account, '')
        else coalesce(current_setting('plinth.principal', true), '') end;

create function plinth.sql_actor() returns jsonb
    language sql stable security definer parallel safe
    begin atomic
        select jsonb_build_object('type', 'service_account', 'id', plinth.id_text('sa', a.id), 'name', a.name)
        from plinth.service_accounts a
        where a.org_id = plinth.current_org() and a.id = (plinth.sql_session()).account;
    end;

create or replace function plinth.current_actor() returns jsonb
    language sql stable parallel safe
    return case when plinth.by_sql() then plinth.sql_actor()
        else coalesce(
            nullif(current_setting('plinth.actor', true), '')::jsonb,
            jsonb_build_object('type', 'sql', 'id', session_user, 'name', session_user)) end;

create or replace function plinth.current_class() returns text
    language sql stable parallel safe
    return case when plinth.by_sql() then 'resources:view'
        else coalesce(nullif(current_setting('plinth.class', true), ''), 'resources:view') end;

-- An address as policies see it: as `Context` in crates/policy.
create function plinth.address_view(address inet) returns jsonb
    language sql immutable parallel safe
    return jsonb_build_object('address', host(address), 'bits', encode(substring(inet_send(address) from 5), 'hex'));

-- The circumstances of a SQL session: the address that it comes from, and how old its login is.
create function plinth.sql_context() returns jsonb
    language sql stable parallel safe
    return jsonb_strip_nulls(jsonb_build_object(
        'ip', case when inet_client_addr() is not null then plinth.address_view(inet_client_addr()) end,
        'authentication', jsonb_build_object(
            'age_secs', floor(extract(epoch from statement_timestamp() - (plinth.sql_session()).made))::bigint,
            'strength', 1)));

create or replace function plinth.asked() returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    now_utc timestamp := statement_timestamp() at time zone 'UTC';
    signals jsonb := case when plinth.by_sql() then plinth.sql_context()
        else coalesce(nullif(current_setting('plinth.context', true), '')::jsonb, '{}') end;
begin
    return jsonb_build_object(
        'principal', plinth.principal(),
        'context', signals || jsonb_build_object(
            'time', floor(extract(epoch from statement_timestamp()) * 1000)::bigint,
            'local', jsonb_build_object(
                'hour', extract(hour from now_utc)::int,
                'minute', extract(minute from now_utc)::int,
                'weekday', trim(to_char(now_utc, 'day')))));
end
$$;

-- Roles of the database server, made and dropped in the transaction that writes the row. `verifier` is what the server
-- keeps of a password (RFC 5803): the password itself never comes here.
create function plinth.make_login(login text, verifier text, expires_at timestamptz) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    if login !~ '^plinth_sql_[0-9a-z]{26}$' or verifier !~ '^SCRAM-SHA-256\$' then
        raise exception 'not a login of service accounts';
    end if;
    -- Who made it is in it, to be able to end its sessions.
    execute format('create role %I login connection limit 3 valid until %L password %L in role plinth_sql role plinth_logins',
        login, expires_at, verifier);
    execute format('alter role %I in database %I set search_path = org, pg_catalog', login, current_database());
    execute format('alter role %I in database %I set statement_timeout = %L', login, current_database(), '60s');
end
$$;

create function plinth.end_login() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    gone text := coalesce(new.login, old.login);
begin
    if exists (select from pg_roles where rolname = gone) then
        -- Nobody comes in any more; then those go who are in.
        execute format('alter role %I nologin', gone);
        perform pg_terminate_backend(pid) from pg_stat_activity where usename = gone;
        execute format('drop role %I', gone);
    end if;
    return null;
end
$$;
create trigger end_login after delete on plinth.sql_logins
    for each row execute function plinth.end_login();
create trigger end_login_revoked after update of revoked_at on plinth.sql_logins
    for each row when (old.revoked_at is null and new.revoked_at is not null) execute function plinth.end_login();

-- A transaction that stays open keeps the whole database from being cleaned up. How many sessions were ended.
create function plinth.end_long_sessions() returns bigint
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    return (select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and starts_with(usename::text, 'plinth_sql_')
            and xact_start < clock_timestamp() - interval '15 minutes');
end
$$;

-- What the roles above need to own and to make things; see roles.sql.
grant usage, create on schema plinth to plinth_logins;
alter function plinth.make_login owner to plinth_logins;
alter function plinth.end_login owner to plinth_logins;
alter function plinth.end_long_sessions owner to plinth_logins;
revoke create on schema plinth from plinth_logins;
revoke execute on function plinth.make_login, plinth.end_login, plinth.end_long_sessions from public;
grant execute on function plinth.end_long_sessions to plinth_system;
grant execute on function plinth.make_login to plinth_api;

-- Channels have names that nobody can guess: whoever is connected may listen on any channel, and hear when other orgs
-- are busy.
create table plinth.channels (
    only_row boolean primary key default true check (only_row),
    suffix text not null default replace(gen_random_uuid()::text, '-', '')
);
insert into plinth.channels default values;
grant select on plinth.channels to plinth_api, plinth_system;

create function plinth.channel(topic text) returns text
    language sql stable
    begin atomic
        select 'plinth_' || topic || '_' || c.suffix from plinth.channels c;
    end;

create or replace function plinth.call_out_policies() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform pg_notify(plinth.channel('policies'), coalesce(new.org_id, old.org_id)::text);
    return null;
end
$$;

create schema org;
grant usage, create on schema org to plinth_views;
grant usage on schema org to plinth_sql;
-- The views belong to plinth_views, whom row-level security binds to the org and to the policies of the session's login.
grant usage, create on schema plinth to plinth_views;
grant select on plinth.resources, plinth.resource_types, plinth.events, plinth.metric_series, plinth.metric_points,
    plinth.usage_records, plinth.memberships, plinth.invitations, plinth.service_accounts, plinth.policies to plinth_views;

-- A condition for a row of which `view` is what policies see: as `Caller::permits` in crates/control.
create function plinth.judged(class text, view text) returns text
    language sql immutable
    return format('case when (select everything from plinth.access(%1$L)) then true '
        'else coalesce(jsonb_path_match(%2$s, (select path from plinth.access(%1$L)), (select plinth.asked()), true), false) end',
        class, view);

-- What policies see of a thing that is no resource: as `Caller::view_of` in crates/control.
create function plinth.noun_view(kind text, id text, rest jsonb) returns jsonb
    language sql stable parallel safe
    return jsonb_build_object('id', id, 'type', kind, 'org', plinth.org_text(), 'properties', '{}'::jsonb) || rest;

create function plinth.subject_prefix(kind text) returns text
    language sql immutable parallel safe
    return case kind when 'member' then 'user' when 'service_account' then 'sa' when 'token' then 'tok'
        when 'invitation' then 'inv' when 'sql_login' then 'sql' else kind end;

-- The kind of an event's subject, when it is no resource.
create function plinth.noun_of(kind text) returns text
    language sql immutable parallel safe
    return case kind when 'org' then 'org' when 'member' then 'members' when 'invitation' then 'invitations'
        when 'service_account' then 'service-accounts' when 'token' then 'service-accounts'
        when 'sql_login' then 'service-accounts' when 'policy' then 'policies' end;

-- The type of a resource, also of one that is gone or that the session may not see: it belongs to the id.
create policy judge on plinth.resources for select to plinth_owner using (org_id = (select plinth.current_org()));
create policy judge on plinth.events for select to plinth_owner using (org_id = (select plinth.current_org()));
create function plinth.resource_text(resource uuid) returns text
    language sql stable strict security definer parallel safe
    begin atomic
        select plinth.id_text(coalesce(
            (select r.type from plinth.resources r where r.org_id = plinth.current_org() and r.id = resource),
            (select e.kind from plinth.events e
             where e.org_id = plinth.current_org() and e.subject_id = resource order by e.seq desc limit 1),
            'resource'), resource);
    end;

create function plinth.about(resource uuid) returns jsonb
    language sql stable parallel safe
    return case when resource is null then '{}' else (
        select jsonb_build_object('subject', jsonb_build_object('type', regexp_replace(text, '_[^_]*$', ''), 'id', text))
        from plinth.resource_text(resource) as text) end;

create function plinth.state_view(kind text, subject uuid, name text, state jsonb) returns jsonb
    language sql stable parallel safe
    return plinth.resource_view(kind, plinth.id_text(kind, subject), coalesce(state ->> 'name', name),
        coalesce(state -> 'properties', '{}'), state -> 'spec', state -> 'created_by', plinth.org_text());

alter policy view on plinth.resources to plinth_api, plinth_views;

do $$
declare
    seen record;
    subject text := 'jsonb_build_object(''type'', kind, ''id'', plinth.id_text(plinth.subject_prefix(kind), subject_id), ''name'', subject_name)';
    resource_before text := 'before is not null and ' || plinth.judged('resources:view', 'plinth.state_view(kind, subject_id, subject_name, before)');
    resource_after text := 'after is not null and ' || plinth.judged('resources:view', 'plinth.state_view(kind, subject_id, subject_name, after)');
    shown text := '';
begin
    for seen in values
        ('memberships', 'members:view', 'plinth.noun_view(''members'', plinth.id_text(''user'', user_id), '
            'jsonb_build_object(''name'', name, ''email'', email, ''roles'', roles))'),
        ('invitations', 'invitations:view', 'plinth.noun_view(''invitations'', plinth.id_text(''inv'', id), '
            'jsonb_build_object(''email'', email, ''roles'', roles))'),
        ('service_accounts', 'service-accounts:view', 'plinth.noun_view(''service-accounts'', plinth.id_text(''sa'', id), '
            'jsonb_build_object(''name'', name, ''roles'', roles))'),
        ('policies', 'policies:view', 'plinth.noun_view(''policies'', plinth.id_text(''policy'', id), jsonb_build_object(''name'', name))'),
        ('usage_records', 'usage:view', 'plinth.noun_view(''usage'', source || ''/'' || id, plinth.about(resource_id))'),
        ('metric_series', 'metrics:view', 'plinth.noun_view(''metrics'', name, plinth.about(resource_id))')
    loop
        execute format('create policy sight on plinth.%I for select to plinth_views using (org_id = (select plinth.current_org()) and %s%s)',
            seen.column1, plinth.judged(seen.column2, seen.column3), case seen.column1
            when 'metric_series' then ' and case when (select everything from plinth.access(''resources:view'')) then true '
                'else exists (select from plinth.resources r where r.org_id = metric_series.org_id and r.id = metric_series.resource_id) end'
            else '' end);
    end loop;
    execute 'create policy sight on plinth.metric_points for select to plinth_views using (org_id = (select plinth.current_org())
        and exists (select from plinth.metric_series s where s.org_id = metric_points.org_id and s.id = metric_points.series_id))';
    -- As `Sight` in crates/control.
    execute format('create policy sight on plinth.events for select to plinth_views using (org_id = (select plinth.current_org()) '
        'and %s and (plinth.noun_of(kind) is not null or not exists (select from plinth.resource_types t where t.name = kind) or (%s) or (%s)))',
        plinth.judged('events:view', format('plinth.noun_view(''events'', seq::text, jsonb_build_object(''subject'', %s))', subject)),
        resource_before, resource_after);
    for seen in values ('org'), ('members'), ('invitations'), ('service-accounts'), ('policies') loop
        shown := shown || format(' when %L then %s', seen.column1, plinth.judged(seen.column1 || ':view', format(
            'plinth.noun_view(%L, plinth.id_text(plinth.subject_prefix(kind), subject_id), '
            'jsonb_build_object(''name'', STATE -> ''name'', ''email'', STATE -> ''email'', ''roles'', STATE -> ''roles''))', seen.column1)));
    end loop;
    shown := 'case when case plinth.noun_of(kind)' || shown
        || ' else exists (select from plinth.resource_types t where t.name = kind) and '
        || plinth.judged('resources:view', 'plinth.state_view(kind, subject_id, subject_name, STATE)') || ' end then STATE end';
    execute format('create view org.events with (security_barrier) as select seq, kind, '
        'plinth.id_text(plinth.subject_prefix(kind), subject_id) as subject, subject_name, operation, %s as before, %s as after, '
        'actor, at from plinth.events',
        replace(shown, 'STATE', 'before'), replace(shown, 'STATE', 'after'));
end
$$;

create view org.metrics as
select s.name as metric, plinth.resource_text(s.resource_id) as resource, r.name as resource_name, s.labels, p.at, p.value
from plinth.metric_points p
join plinth.metric_series s on s.org_id = p.org_id and s.id = p.series_id
left join plinth.resources r on r.org_id = s.org_id and r.id = s.resource_id;

create view org.usage as
select meter, plinth.resource_text(resource_id) as resource, quantity, at, source, id, properties, recorded_at
from plinth.usage_records;

create view org.members as
select plinth.id_text('user', user_id) as id, email, name, roles, groups, attributes, created_at from plinth.memberships;

create view org.invitations as
select plinth.id_text('inv', id) as id, email, roles, invited_by, created_at, expires_at, accepted_at from plinth.invitations;

create view org.service_accounts as
select plinth.id_text('sa', id) as id, name, roles, groups, attributes, created_by, created_at from plinth.service_accounts;

create view org.policies as
select plinth.id_text('policy', id) as id, name, description, text, version, created_by, created_at, updated_by, updated_at
from plinth.policies;

do $$
declare
    made name;
begin
    for made in select viewname from pg_catalog.pg_views where schemaname = 'org' loop
        execute format('alter view org.%I owner to plinth_views', made);
        execute format('grant select on org.%I to plinth_sql', made);
    end loop;
end
$$;

-- A view for each resource type that the product has, with a column for each field of its spec whose type is known.
-- `types` is [{"name", "plural", "columns": [{"name", "path": [..], "type": "text|numeric|boolean|jsonb"}]}]. What is
-- there already stays as it is, so that its readers are not held up.
create function plinth.show_types(types jsonb) returns void
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
            'status ->> ''state'' as state, status, generation, observed_generation, version, created_by, created_at, updated_at '
            'from plinth.resources where type = %L and deleted_at is null', shown.view, columns, shown.type);
        continue when obj_description(to_regclass(format('org.%I', shown.view)), 'pg_class') = 'type ' || md5(definition);
        execute format('drop view if exists org.%I', shown.view);
        execute definition;
        execute format('comment on view org.%I is %L', shown.view, 'type ' || md5(definition));
        execute format('grant select on org.%I to plinth_sql', shown.view);
    end loop;
    for known in
        select c.relname from pg_class c
        where c.relnamespace = 'org'::regnamespace and obj_description(c.oid, 'pg_class') like 'type %'
            and c.relname not in (select replace(t ->> 'plural', '-', '_') from jsonb_array_elements(types) as t)
    loop
        execute format('drop view org.%I', known.relname);
    end loop;
end
$$;
alter function plinth.show_types owner to plinth_views;
revoke create on schema plinth from plinth_views;
revoke execute on function plinth.show_types from public;
grant execute on function plinth.show_types to plinth_system;
