-- Policies of an org, and what PostgreSQL makes of them: for each statement of SQL, the caller's own predicate over the
-- rows of a table, put together once from the policies that are in force at that moment.

-- What policies ask about a principal beside its roles.
alter table plinth.memberships add column groups text[] not null default '{}';
alter table plinth.service_accounts
    add column groups text[] not null default '{}',
    add column attributes jsonb not null default '{}';

create table plinth.policies (
    org_id uuid not null references plinth.orgs on delete cascade,
    id uuid not null,
    name text not null,
    description text not null default '',
    -- Cedar.
    text text not null,
    version bigint not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_by jsonb not null,
    updated_at timestamptz not null default now(),
    primary key (org_id, id)
);
create unique index policies_name on plinth.policies (org_id, name);
call plinth.protect('plinth.policies');
create trigger capture after insert or update or delete on plinth.policies
    for each row execute function plinth.capture('policy', 'id', 'name');

-- What each version said; kept after the policy is gone. `text` is null in the version that deleted it.
create table plinth.policy_versions (
    org_id uuid not null references plinth.orgs on delete cascade,
    policy_id uuid not null,
    version bigint not null,
    name text not null,
    description text not null,
    text text,
    changed_by jsonb not null,
    changed_at timestamptz not null default now(),
    primary key (org_id, policy_id, version)
);
call plinth.protect('plinth.policy_versions');
revoke update, delete on plinth.policy_versions from plinth_api;

-- Policies compiled: see `Row` in crates/policy. One row for each class of actions that a statement is for.
create table plinth.policy_rows (
    org_id uuid not null,
    policy_id uuid not null,
    -- `resources:view` for all resource types, whose predicate then asks for the type; `members:view`; `*` for all.
    class text not null,
    number integer not null,
    permits boolean not null,
    -- `User` or `ServiceAccount`; null for both.
    principal_kind text,
    -- `User::<id>`, `Role::<name>`, `Group::<name>`; null for everybody.
    within text,
    -- jsonpath in strict mode over the row's view `$`, `$principal` and `$context`.
    predicate text not null,
    -- A property without which the predicate is true of no row, and its value: a text, or what an attribute of the
    -- principal says. Null where there is none.
    requires_property text,
    requires_text text,
    requires_attribute text,
    primary key (org_id, class, policy_id, number),
    foreign key (org_id, policy_id) references plinth.policies on delete cascade
);
create index policy_rows_policy on plinth.policy_rows (org_id, policy_id);
call plinth.protect('plinth.policy_rows');

-- The same for the product's roles, which hold in every org; mirrored like plinth.resource_types.
create table plinth.role_rows (
    class text not null,
    role text not null,
    number integer not null,
    permits boolean not null,
    principal_kind text,
    within text,
    predicate text not null,
    requires_property text,
    requires_text text,
    requires_attribute text,
    revision bigint not null,
    primary key (class, role, number)
);
grant select on plinth.role_rows to plinth_api;
grant select, insert, update, delete on plinth.role_rows to plinth_system;
-- Until a product says more.
insert into plinth.role_rows (class, role, number, permits, within, predicate, revision)
values ('*', 'owner', 0, true, 'Role::owner', '1 == 1', 0);

-- Servers keep policies in memory; this is how they hear that theirs are old. Policies change seldom.
create function plinth.call_out_policies() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform pg_notify('plinth_policies', coalesce(new.org_id, old.org_id)::text);
    return null;
end
$$;
create trigger call_out after insert or update or delete on plinth.policies
    for each row execute function plinth.call_out_policies();

-- The functions below run as the owner, who sees what it takes to judge the caller and nothing of another org.
create policy judge on plinth.memberships for select to plinth_owner using (org_id = (select plinth.current_org()));
create policy judge on plinth.service_accounts for select to plinth_owner using (org_id = (select plinth.current_org()));
create policy judge on plinth.policy_rows for select to plinth_owner using (org_id = (select plinth.current_org()));

-- Whom the server speaks for: `user:<uuid>`, `service_account:<uuid>`, or `plinth` for itself. Nobody when unset.
create function plinth.current_principal() returns text
    language sql stable parallel safe
    return coalesce(current_setting('plinth.principal', true), '');

-- The principal as policies see it, as the org has it now; null for somebody who is not in the org.
create function plinth.principal() returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    asking text := plinth.current_principal();
    own uuid := nullif(split_part(asking, ':', 2), '')::uuid;
    shown text := plinth.current_actor() ->> 'id';
    standing record;
begin
    if asking like 'user:%' then
        select m.name, m.email, m.roles, m.groups, m.attributes into standing
        from plinth.memberships m where m.org_id = plinth.current_org() and m.user_id = own;
        if not found then return null; end if;
        return jsonb_build_object(
            'uid', 'User::' || shown, 'id', shown, 'name', standing.name, 'email', standing.email,
            'ancestors', array(select 'Role::' || r from unnest(standing.roles) r union all
                               select 'Group::' || g from unnest(standing.groups) g),
            'attributes', standing.attributes);
    end if;
    select a.name, a.roles, a.groups, a.attributes into standing
    from plinth.service_accounts a where a.org_id = plinth.current_org() and a.id = own;
    if not found then return null; end if;
    return jsonb_build_object(
        'uid', 'ServiceAccount::' || shown, 'id', shown, 'name', standing.name,
        'ancestors', array(select 'Role::' || r from unnest(standing.roles) r union all
                           select 'Group::' || g from unnest(standing.groups) g),
        'attributes', standing.attributes);
end
$$;

-- The rows of all policies that hold in the org for a class of actions, whomever they are for.
create function plinth.rows_for(class text) returns table (
    permits boolean, predicate text, principal_kind text, within text,
    requires_property text, requires_text text, requires_attribute text)
    language sql stable
    begin atomic
        select r.permits, r.predicate, r.principal_kind, r.within, r.requires_property, r.requires_text, r.requires_attribute
        from plinth.role_rows r where r.class in (rows_for.class, '*')
        union all
        select p.permits, p.predicate, p.principal_kind, p.within, p.requires_property, p.requires_text, p.requires_attribute
        from plinth.policy_rows p where p.org_id = plinth.current_org() and p.class in (rows_for.class, '*');
    end;

-- What a class of actions is open to for the caller: everything, or the rows that `path` is true of.
create function plinth.access(class text, out everything boolean, out path jsonpath)
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    asking text := plinth.current_principal();
    who jsonb;
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
    if asking = '' then
        return;
    end if;
    who := plinth.principal();
    if who is null then
        return;
    end if;
    memberships := array(select jsonb_array_elements_text(who -> 'ancestors')) || (who ->> 'uid');
    select bool_or(mine.permits and mine.predicate = '1 == 1'),
        string_agg('(' || mine.predicate || ')', ' || ') filter (where mine.permits),
        string_agg('(' || mine.predicate || ')', ' || ') filter (where not mine.permits)
    into everything, permits, forbids
    from plinth.rows_for(class) mine
    where (mine.principal_kind is null or mine.principal_kind = split_part(who ->> 'uid', '::', 1))
        and (mine.within is null or mine.within = any (memberships));
    if permits is null then
        everything := false;
        return;
    end if;
    if everything then
        permits := '1 == 1';
    end if;
    everything := everything and forbids is null;
    -- What is unknown does not forbid: inside a filter it counts as false.
    path := ('strict (' || permits || ')'
        || case when forbids is null then '' else ' && !exists($ ? (' || forbids || '))' end)::jsonpath;
end
$$;

-- The variables of a path: who asks, under which circumstances.
create function plinth.asked() returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    now_utc timestamp := statement_timestamp() at time zone 'UTC';
begin
    return jsonb_build_object(
        'principal', plinth.principal(),
        'context', coalesce(nullif(current_setting('plinth.context', true), '')::jsonb, '{}') || jsonb_build_object(
            'time', floor(extract(epoch from statement_timestamp()) * 1000)::bigint,
            'local', jsonb_build_object(
                'hour', extract(hour from now_utc)::int,
                'minute', extract(minute from now_utc)::int,
                'weekday', trim(to_char(now_utc, 'day')))));
end
$$;

-- The text form of an id, as in crates/model/src/id.rs: 26 digits of Crockford's base32.
create function plinth.id_text(prefix text, id uuid) returns text
    language sql immutable strict parallel safe
    return prefix || '_' || (
        select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', (substring(bits from place * 5 + 1 for 5))::int + 1, 1), '' order by place)
        from (select B'00' || ('x' || replace(id::text, '-', ''))::bit(128) as bits) as of_id, generate_series(0, 25) as place);

-- What policies may ask about a resource: as `view::resource` in crates/policy.
create function plinth.resource_view(type text, id_text text, name text, properties jsonb, spec jsonb, created_by jsonb, org text)
    returns jsonb language sql stable parallel safe
    return jsonb_build_object(
        'type', type, 'id', id_text, 'name', name, 'properties', properties, 'spec', spec, 'org', org,
        'creator', case created_by ->> 'type'
            when 'user' then 'User::' || (created_by ->> 'id')
            when 'service_account' then 'ServiceAccount::' || (created_by ->> 'id') end);

alter table plinth.resources add column id_text text not null generated always as (plinth.id_text(type, id)) stored;
drop trigger capture on plinth.resources;
create trigger capture after insert or update or delete on plinth.resources
    for each row execute function plinth.capture('', 'id', 'name', 'secrets', 'id_text');

-- What the server is about to do to rows that exist: `resources:update`. To look at them, and to hold them still, takes
-- no more than to see them.
create function plinth.current_class() returns text
    language sql stable parallel safe
    return coalesce(nullif(current_setting('plinth.class', true), ''), 'resources:view');

create function plinth.org_text() returns text
    language sql stable parallel safe
    return plinth.id_text('org', plinth.current_org());

drop policy scope on plinth.resources;
create policy view on plinth.resources for select to plinth_api using (
    org_id = (select plinth.current_org())
    and case when (select everything from plinth.access('resources:view')) then true
        else jsonb_path_match(plinth.resource_view(type, id_text, name, properties, spec, created_by, (select plinth.org_text())),
            (select path from plinth.access('resources:view')), (select plinth.asked()), true) end);
create policy make on plinth.resources for insert to plinth_api with check (
    org_id = (select plinth.current_org())
    and case when (select everything from plinth.access('resources:create')) then true
        else jsonb_path_match(plinth.resource_view(type, id_text, name, properties, spec, created_by, (select plinth.org_text())),
            (select path from plinth.access('resources:create')), (select plinth.asked()), true) end);
create policy change on plinth.resources for update to plinth_api using (
    org_id = (select plinth.current_org())
    and case when (select everything from plinth.access((select plinth.current_class()))) then true
        else jsonb_path_match(plinth.resource_view(type, id_text, name, properties, spec, created_by, (select plinth.org_text())),
            (select path from plinth.access((select plinth.current_class()))), (select plinth.asked()), true) end)
    with check (
    org_id = (select plinth.current_org())
    and ((select plinth.current_class()) <> 'resources:view' or (select plinth.current_principal()) = 'plinth')
    and case when (select everything from plinth.access((select plinth.current_class()))) then true
        else jsonb_path_match(plinth.resource_view(type, id_text, name, properties, spec, created_by, (select plinth.org_text())),
            (select path from plinth.access((select plinth.current_class()))), (select plinth.asked()), true) end);
-- Rows go for good by background work alone.
revoke delete on plinth.resources from plinth_api;

-- Where to look for the resources with a property: a policy that lets somebody see a few of very many would have to try
-- each of them. What is found here is judged like any other row. Hashes, since a value may be long; one that two values
-- share leads to rows that are then not shown.
create table plinth.resource_labels (
    org_id uuid not null,
    label bigint not null,
    resource_id uuid not null,
    primary key (org_id, label, resource_id),
    foreign key (org_id, resource_id) references plinth.resources on delete cascade
);
create index resource_labels_resource on plinth.resource_labels (org_id, resource_id);
call plinth.protect('plinth.resource_labels');
revoke insert, update, delete on plinth.resource_labels from plinth_api;
create policy keep on plinth.resource_labels to plinth_owner using (true) with check (true);

create function plinth.label(key text, value text) returns bigint
    language sql immutable parallel safe
    return hashtextextended(key || '=' || value, 0);

-- Labels of which each row that the caller is permitted has one; null when rows are permitted for other reasons, too.
create function plinth.labels_of(class text) returns bigint[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    who jsonb;
    memberships text[];
    labels bigint[];
    others boolean;
begin
    who := plinth.principal();
    if who is null then
        return null;
    end if;
    memberships := array(select jsonb_array_elements_text(who -> 'ancestors')) || (who ->> 'uid');
    select coalesce(bool_or(mine.requires_property is null), false),
        coalesce(array_agg(plinth.label(mine.requires_property,
            coalesce(mine.requires_text, who -> 'attributes' ->> mine.requires_attribute))), '{}')
    into others, labels
    from plinth.rows_for(class) mine
    where mine.permits and (mine.principal_kind is null or mine.principal_kind = split_part(who ->> 'uid', '::', 1))
        and (mine.within is null or mine.within = any (memberships));
    return case when not others then labels end;
end
$$;

create function plinth.keep_labels() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    if tg_op = 'UPDATE' then
        delete from plinth.resource_labels l where l.org_id = new.org_id and l.resource_id = new.id;
    end if;
    insert into plinth.resource_labels (org_id, label, resource_id)
    select distinct new.org_id, plinth.label(p.key, p.value), new.id
    from jsonb_each_text(new.properties) as p (key, value) where p.value is not null;
    return null;
end
$$;
create trigger keep_labels_new after insert on plinth.resources
    for each row when (new.properties <> '{}') execute function plinth.keep_labels();
create trigger keep_labels_changed after update of properties on plinth.resources
    for each row when (old.properties <> new.properties) execute function plinth.keep_labels();
-- For this once: the owner sees no rows otherwise.
create policy migrate on plinth.resources for select to plinth_owner using (true);
insert into plinth.resource_labels (org_id, label, resource_id)
select distinct r.org_id, plinth.label(p.key, p.value), r.id
from plinth.resources r, jsonb_each_text(r.properties) as p (key, value) where p.value is not null;
drop policy migrate on plinth.resources;

-- Points are seen by who may see points, of the resources that they may see.
drop policy scope on plinth.metric_series;
create policy view on plinth.metric_series for select to plinth_api using (
    org_id = (select plinth.current_org())
    and case when (select everything from plinth.access('resources:view')) then true
        else exists (select from plinth.resources r where r.org_id = metric_series.org_id and r.id = metric_series.resource_id) end);
create policy record on plinth.metric_series for insert to plinth_api with check (org_id = (select plinth.current_org()));
create policy rerecord on plinth.metric_series for update to plinth_api using (org_id = (select plinth.current_org()));
revoke delete on plinth.metric_series from plinth_api;
