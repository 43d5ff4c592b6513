-- JSON Schema in the database: what is written by SQL is checked by the words of it that the database knows, exactly as the
-- API checks it (`portable` in crates/control/src/schema decides which those are; a test compares the two).

create function plinth.is_of_type(value jsonb, type text) returns boolean
    language sql immutable parallel safe
    return case type
        when 'integer' then jsonb_typeof(value) = 'number' and trunc((value #>> '{}')::numeric) = (value #>> '{}')::numeric
        else jsonb_typeof(value) = type end;

-- The first thing that is wrong with a value, with its JSON pointer; null when it fits.
create function plinth.schema_error(schema jsonb, given jsonb, at text) returns text
    language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    kind text := jsonb_typeof(given);
    string text := case when kind = 'string' then given #>> '{}' end;
    number numeric := case when kind = 'number' then (given #>> '{}')::numeric end;
    known jsonb := coalesce(schema -> 'properties', '{}');
    part record;
    wrong text;
begin
    if jsonb_typeof(schema) = 'boolean' then
        return case when schema = 'false' then at || ': is not allowed' end;
    end if;
    if schema ? 'type' then
        if jsonb_typeof(schema -> 'type') = 'string' then
            if not plinth.is_of_type(given, schema ->> 'type') then
                return format('%s: must be of type %s', at, schema ->> 'type');
            end if;
        elsif not exists (select from jsonb_array_elements_text(schema -> 'type') t where plinth.is_of_type(given, t)) then
            return format('%s: must be of one of the types %s', at, schema -> 'type');
        end if;
    end if;
    if schema ? 'const' and given <> schema -> 'const' then
        return format('%s: must be %s', at, schema -> 'const');
    end if;
    if schema ? 'enum' and not exists (select from jsonb_array_elements(schema -> 'enum') e where e = given) then
        return format('%s: must be one of %s', at, (select string_agg(e::text, ', ') from jsonb_array_elements(schema -> 'enum') e));
    end if;
    if kind = 'string' then
        if char_length(string) < (schema ->> 'minLength')::numeric then
            return format('%s: must have at least %s characters', at, schema ->> 'minLength');
        elsif char_length(string) > (schema ->> 'maxLength')::numeric then
            return format('%s: must have at most %s characters', at, schema ->> 'maxLength');
        elsif string !~ (schema ->> 'pattern') then
            return format('%s: does not have the form that it must have', at);
        end if;
    elsif kind = 'number' then
        if number < (schema ->> 'minimum')::numeric or number <= (schema ->> 'exclusiveMinimum')::numeric then
            return format('%s: is too small', at);
        elsif number > (schema ->> 'maximum')::numeric or number >= (schema ->> 'exclusiveMaximum')::numeric then
            return format('%s: is too large', at);
        elsif mod(number, (schema ->> 'multipleOf')::numeric) <> 0 then
            return format('%s: must be a multiple of %s', at, schema ->> 'multipleOf');
        end if;
    elsif kind = 'array' then
        if jsonb_array_length(given) < (schema ->> 'minItems')::numeric then
            return format('%s: must have at least %s items', at, schema ->> 'minItems');
        elsif jsonb_array_length(given) > (schema ->> 'maxItems')::numeric then
            return format('%s: must have at most %s items', at, schema ->> 'maxItems');
        elsif schema -> 'uniqueItems' = 'true'
            and (select count(*) > count(distinct item) from jsonb_array_elements(given) item) then
            return format('%s: has an item twice', at);
        end if;
        if schema ? 'items' then
            for part in select item, place from jsonb_array_elements(given) with ordinality as t (item, place) loop
                wrong := plinth.schema_error(schema -> 'items', part.item, at || '/' || part.place - 1);
                if wrong is not null then return wrong; end if;
            end loop;
        end if;
    elsif kind = 'object' then
        if (select count(*) from jsonb_object_keys(given)) < (schema ->> 'minProperties')::numeric then
            return format('%s: must have at least %s fields', at, schema ->> 'minProperties');
        elsif (select count(*) from jsonb_object_keys(given)) > (schema ->> 'maxProperties')::numeric then
            return format('%s: must have at most %s fields', at, schema ->> 'maxProperties');
        end if;
        select t.key into part from jsonb_array_elements_text(schema -> 'required') as t (key) where not given ? t.key limit 1;
        if found then
            return format('%s: `%s` is missing', at, part.key);
        end if;
        for part in select * from jsonb_each(given) loop
            if known ? part.key then
                wrong := plinth.schema_error(known -> part.key, part.value, at || '/' || plinth.pointer_step(part.key));
            elsif schema -> 'additionalProperties' = 'false' then
                wrong := format('%s/%s: is not a field', at, plinth.pointer_step(part.key));
            elsif schema ? 'additionalProperties' then
                wrong := plinth.schema_error(schema -> 'additionalProperties', part.value, at || '/' || plinth.pointer_step(part.key));
            end if;
            if wrong is not null then return wrong; end if;
        end loop;
    end if;
    return plinth.branch_error(schema, given, at);
end
$$;

-- A step of a JSON pointer (RFC 6901).
create function plinth.pointer_step(key text) returns text
    language sql immutable parallel safe
    return replace(replace(key, '~', '~0'), '/', '~1');

create function plinth.pointer_of(path jsonb) returns text
    language sql immutable parallel safe
    return (
        select string_agg('/' || plinth.pointer_step(step.key), '' order by step.place)
        from jsonb_array_elements_text(path) with ordinality as step (key, place));

-- Whether the branch is meant: the constants that it asks for are there.
create function plinth.is_meant(branch jsonb, value jsonb) returns boolean
    language sql immutable parallel safe
    return jsonb_typeof(value) = 'object' and (
        select coalesce(bool_and(value -> field.key = field.value -> 'const'), false)
        from jsonb_each(case when jsonb_typeof(branch -> 'properties') = 'object' then branch -> 'properties' else '{}' end) as field
        where jsonb_typeof(field.value) = 'object' and field.value ? 'const');

-- As `schema_error`, of the branches of a schema alone.
create function plinth.branch_error(schema jsonb, given jsonb, at text) returns text
    language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    branch jsonb;
    wrong text;
    meant text;
    matches int;
    keyword text;
begin
    for branch in select * from jsonb_array_elements(schema -> 'allOf') loop
        wrong := plinth.schema_error(branch, given, at);
        if wrong is not null then return wrong; end if;
    end loop;
    foreach keyword in array array['anyOf', 'oneOf'] loop
        continue when not schema ? keyword;
        matches := 0;
        meant := null;
        for branch in select * from jsonb_array_elements(schema -> keyword) loop
            wrong := plinth.schema_error(branch, given, at);
            if wrong is null then
                matches := matches + 1;
            elsif meant is null and plinth.is_meant(branch, given) then
                meant := wrong;
            end if;
        end loop;
        if matches = 0 then
            return coalesce(meant, at || ': has none of the forms that it can have');
        elsif matches > 1 and keyword = 'oneOf' then
            return at || ': has several of the forms of which it must have one';
        end if;
    end loop;
    if schema ? 'not' and plinth.schema_error(schema -> 'not', given, at) is null then
        return at || ': has a form that it must not have';
    end if;
    if schema ? 'if' then
        keyword := case when plinth.schema_error(schema -> 'if', given, at) is null then 'then' else 'else' end;
        if schema ? keyword then
            return plinth.schema_error(schema -> keyword, given, at);
        end if;
    end if;
    return null;
end
$$;

-- As `check_properties` in crates/model.
create function plinth.properties_error(properties jsonb) returns text
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
    return null;
end
$$;
