-- Desired state written by SQL: `insert`, `update` and `delete` on the views of resource types. The same checks as in the
-- API, by functions of plinth_writes, whom row-level security binds to the org and the policies of the session's login.

-- What the database has to know of a type to check what is written; made from the product by each server that applies it:
-- `Rules` in crates/control/src/product/sql_rules.rs.
create table plinth.sql_types (
    name text primary key references plinth.resource_types on delete cascade,
    rules jsonb not null,
    -- Why the database cannot check it, where its schema says something that it has no word for.
    unportable text,
    revision bigint not null
);
grant select on plinth.sql_types to plinth_writes;
grant select, insert, update, delete on plinth.sql_types to plinth_system;

-- Whose statement it is decides, not a setting, which a session could make itself.
create or replace function plinth.current_class() returns text
    language sql stable parallel safe
    return case when plinth.by_sql() and current_user <> 'plinth_writes' then 'resources:view'
        else coalesce(nullif(current_setting('plinth.class', true), ''), 'resources:view') end;

grant usage on schema plinth, org to plinth_writes;
grant select, insert, update on plinth.resources to plinth_writes;
grant select, insert, update, delete on plinth.resource_refs to plinth_writes;
grant insert on plinth.usage_records to plinth_writes;
grant select on plinth.orgs, plinth.resource_types to plinth_writes;
grant execute on function plinth.require_quota to plinth_writes;
alter policy view on plinth.resources to plinth_api, plinth_views, plinth_writes;
alter policy make on plinth.resources to plinth_api, plinth_writes;
alter policy change on plinth.resources to plinth_api, plinth_writes;
create policy write on plinth.resource_refs to plinth_writes
    using (org_id = (select plinth.current_org())) with check (org_id = (select plinth.current_org()));
create policy write on plinth.usage_records for insert to plinth_writes with check (org_id = (select plinth.current_org()));
create policy write on plinth.orgs for select to plinth_writes using (org_id = (select plinth.current_org()));

-- The document with a value at the path, whose objects are made where they are missing; without it when there is no value.
create function plinth.put(document jsonb, path text[], value jsonb) returns jsonb
    language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    inner_document jsonb;
begin
    if cardinality(path) = 0 then
        return value;
    elsif value is null then
        return document #- path;
    end if;
    inner_document := document -> path[1];
    if jsonb_typeof(inner_document) is distinct from 'object' and cardinality(path) > 1 then
        inner_document := '{}';
    end if;
    return jsonb_set(document, path[1:1], plinth.put(inner_document, path[2:], value));
end
$$;

-- The values at a path of fields, in which null stands for each item of an array, each with its pointer.
create function plinth.values_at(document jsonb, path jsonb, at text) returns table (pointer text, value jsonb)
    language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    item record;
begin
    if document is null then
        return;
    elsif jsonb_array_length(path) = 0 then
        return query select at, document;
    elsif path -> 0 <> 'null' then
        return query select * from plinth.values_at(document -> (path ->> 0), path - 0, at || '/' || plinth.pointer_step(path ->> 0));
    elsif jsonb_typeof(document) = 'array' then
        for item in select * from jsonb_array_elements(document) with ordinality as t (value, place) loop
            return query select * from plinth.values_at(item.value, path - 0, at || '/' || item.place - 1);
        end loop;
    end if;
end
$$;

-- What a spec refers to: `{pointer: {type, name}}`.
create function plinth.references_of(rules jsonb, spec jsonb) returns jsonb
    language sql immutable parallel safe
    return (
        select coalesce(jsonb_object_agg(v.pointer, jsonb_build_object('type', mark ->> 'type', 'name', v.value #>> '{}')), '{}')
        from jsonb_array_elements(rules -> 'references') as mark
        cross join lateral plinth.values_at(spec, mark -> 'path', '') as v
        where jsonb_typeof(v.value) = 'string');

create policy judge on plinth.resource_refs for select to plinth_owner using (org_id = (select plinth.current_org()));
-- Whether any live resource refers to this one, be it one that the session may see or not.
create function plinth.is_referred_to(resource uuid) returns boolean
    language sql stable security definer parallel safe
    begin atomic
        select exists (
            select from plinth.resource_refs ref
            join plinth.resources origin on origin.org_id = ref.org_id and origin.id = ref.from_id
            where ref.org_id = plinth.current_org() and ref.to_id = resource and origin.deleted_at is null);
    end;
revoke execute on function plinth.is_referred_to from public;
grant execute on function plinth.is_referred_to to plinth_writes;

-- The spec that a row of a view says: its `spec`, with the columns of single fields that differ from before on top.
create function plinth.spec_of_row(rules jsonb, was jsonb, becomes jsonb) returns jsonb
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
    return spec;
end
$$;

-- A column that is not for writing and that a row changes.
create function plinth.unwritable_column(rules jsonb, was jsonb, becomes jsonb) returns text
    language sql immutable parallel safe
    return (
        select field.key from jsonb_each(becomes) as field
        where field.key not in ('name', 'owner', 'properties', 'spec')
            and not exists (select from jsonb_array_elements(rules -> 'columns') c where c ->> 'name' = field.key)
            and field.value is distinct from coalesce(was -> field.key, 'null')
        order by field.key limit 1);

-- Points the resource at what its spec names; each target is kept from deletion until the commit.
create function plinth.write_references(org uuid, resource uuid, refs jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    ref record;
    target uuid;
begin
    perform set_config('plinth.class', 'resources:view', true);
    delete from plinth.resource_refs r where r.org_id = org and r.from_id = resource and not refs ? r.pointer;
    for ref in select key as pointer, value ->> 'type' as type, value ->> 'name' as name from jsonb_each(refs) order by key loop
        select r.id into target from plinth.resources r
        where r.org_id = org and r.type = ref.type and r.name = ref.name and r.deleted_at is null for share;
        if not found then
            raise exception '/spec%: there is no % with the name `%`', ref.pointer, ref.type, ref.name using errcode = 'check_violation';
        end if;
        insert into plinth.resource_refs (org_id, from_id, pointer, to_id) values (org, resource, ref.pointer, target)
        on conflict (org_id, from_id, pointer) do update set to_id = excluded.to_id;
    end loop;
end
$$;

-- The checks of a spec that is written: of its type, without secrets, and within what may change. `sealed` are the secrets
-- that stay.
create function plinth.require_spec(rules jsonb, was jsonb, spec jsonb, sealed jsonb) returns void
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

-- Whether somebody may become the owner; who it is already stays without a question. As `owner::check` in crates/control.
create function plinth.require_owner(was text, owner text) returns void
    language plpgsql stable set search_path = pg_catalog as $$
begin
    if owner is not null and owner is distinct from was and not plinth.can_own(owner) then
        raise exception '/owner: there is no member (`user_..`) or service account (`sa_..`) with this id that you may see'
            using errcode = 'check_violation', hint = 'The views `members` and `service_accounts` have their ids.';
    end if;
end
$$;

-- The secrets that stay: those whose object is still there.
create function plinth.kept_secrets(sealed jsonb, rules jsonb, spec jsonb) returns jsonb
    language sql immutable parallel safe
    return (
        select coalesce(jsonb_object_agg(plinth.pointer_of(path), sealed -> plinth.pointer_of(path)), '{}')
        from jsonb_array_elements(rules -> 'secrets') as path
        where sealed ? plinth.pointer_of(path)
            and jsonb_typeof(spec #> array(select jsonb_array_elements_text(path - -1))) = 'object');

create function plinth.insert_resource(kind text, rules jsonb, becomes jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    org uuid := plinth.current_org();
    made uuid := gen_random_uuid();
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

-- The row that a view shows, held until the transaction ends.
create function plinth.hold_resource(kind text, was jsonb) returns plinth.resources
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    held plinth.resources;
begin
    perform set_config('plinth.class', 'resources:view', true);
    select * into held from plinth.resources r
    where r.org_id = plinth.current_org() and r.type = kind and r.name = was ->> 'name' and r.deleted_at is null for update;
    if not found or held.facts -> 'id' <> was -> 'id' or held.version <> (was ->> 'version')::bigint then
        raise exception '`%` has changed meanwhile', was ->> 'name' using errcode = 'serialization_failure',
            hint = 'Read it again, then repeat your change.';
    end if;
    return held;
end
$$;

create function plinth.update_resource(kind text, rules jsonb, was jsonb, becomes jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    held plinth.resources := plinth.hold_resource(kind, was);
    wanted jsonb := plinth.spec_of_row(rules, was, becomes);
    kept jsonb := plinth.kept_secrets(held.secrets, rules, wanted);
    moves boolean := wanted <> held.spec or kept <> held.secrets;
    refs jsonb;
begin
    if becomes -> 'name' <> was -> 'name' then
        raise exception '/name: cannot change' using errcode = 'check_violation', hint = 'Create another resource.';
    end if;
    perform plinth.require_spec(rules, held.spec, wanted, kept);
    if not moves and becomes -> 'properties' = held.properties and becomes ->> 'owner' is not distinct from held.owner then
        return;
    end if;
    perform plinth.require_owner(held.owner, becomes ->> 'owner');
    perform set_config('plinth.class', 'resources:update', true);
    update plinth.resources
    set properties = becomes -> 'properties', owner = becomes ->> 'owner', spec = wanted, secrets = kept,
        version = version + 1, updated_at = now(),
        generation = generation + case when moves then 1 else 0 end
    where org_id = held.org_id and id = held.id;
    if not found then
        raise insufficient_privilege;
    end if;
    refs := plinth.references_of(rules, wanted);
    if refs <> plinth.references_of(rules, held.spec) then
        perform plinth.write_references(held.org_id, held.id, refs);
    end if;
end
$$;

create function plinth.delete_resource(kind text, was jsonb) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    held plinth.resources := plinth.hold_resource(kind, was);
begin
    if plinth.is_referred_to(held.id) then
        raise exception '`%` is in use: delete or change what refers to it first', held.name using errcode = 'foreign_key_violation',
            detail = (
                select 'Used by ' || string_agg(format('%s `%s`', r.type, r.name), ', ' order by r.name)
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

-- `insert`, `update` and `delete` on the view of a type.
create function plinth.write_resource() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    becomes jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    action text := case tg_op when 'INSERT' then 'create' else lower(tg_op) end;
    declared record;
    shown record;
    wrong text;
begin
    if not plinth.by_sql() then
        raise exception 'views are written by logins of service accounts alone' using errcode = 'insufficient_privilege';
    elsif current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'resources are written in transactions of isolation level `read committed`' using errcode = 'feature_not_supported';
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
    execute format('select v.* from org.%I v where v.name = $1', tg_table_name) into shown using becomes ->> 'name';
    if to_jsonb(shown) ->> 'name' is not null then
        return jsonb_populate_record(new, to_jsonb(shown));
    end if;
    return new;
exception when insufficient_privilege then
    raise exception 'no role or policy of yours grants `%:%` for `%`', replace(tg_table_name, '_', '-'), action,
        coalesce(was, becomes) ->> 'name' using errcode = 'insufficient_privilege',
        hint = 'An owner or admin of the org can give you one that does.';
end
$$;

-- They belong to plinth_writes, whom row-level security binds.
revoke execute on function plinth.write_references, plinth.insert_resource, plinth.hold_resource, plinth.update_resource,
    plinth.delete_resource, plinth.write_resource from public;
grant execute on function plinth.write_resource to plinth_views;
grant create on schema plinth to plinth_writes;
alter function plinth.write_references owner to plinth_writes;
alter function plinth.insert_resource owner to plinth_writes;
alter function plinth.hold_resource owner to plinth_writes;
alter function plinth.update_resource owner to plinth_writes;
alter function plinth.delete_resource owner to plinth_writes;
alter function plinth.write_resource owner to plinth_writes;
revoke create on schema plinth from plinth_writes;

-- As before, and to be written. A view for each resource type that the product has, with a column for each field of its spec whose type is known.
-- `types` is [{"name", "plural", "columns": [{"name", "path": [..], "type": "text|numeric|boolean|jsonb"}]}]. What is
-- there already stays as it is, so that its readers are not held up.
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
            'updated_at from plinth.resources where type = %L and deleted_at is null', shown.view, columns, shown.type);
        continue when obj_description(to_regclass(format('org.%I', shown.view)), 'pg_class') = 'written type ' || md5(definition);
        execute format('drop view if exists org.%I', shown.view);
        execute definition;
        execute format('comment on view org.%I is %L', shown.view, 'written type ' || md5(definition));
        execute format('create trigger write instead of insert or update or delete on org.%I '
            'for each row execute function plinth.write_resource()', shown.view);
        execute format('grant select on org.%I to plinth_writes', shown.view);
        execute format('grant select, insert, update, delete on org.%I to plinth_sql', shown.view);
    end loop;
    for known in
        select c.relname from pg_class c
        where c.relnamespace = 'org'::regnamespace and obj_description(c.oid, 'pg_class') ~ '^(written )?type '
            and c.relname not in (select replace(t ->> 'plural', '-', '_') from jsonb_array_elements(types) as t)
    loop
        execute format('drop view org.%I', known.relname);
    end loop;
end
$$;
