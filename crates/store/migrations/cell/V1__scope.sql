-- Who is asking, and how a table is bound to it. Scope is transaction-local: plinth.org and plinth.actor are set by the
-- server at `begin` and gone at `commit`.
create schema plinth;
grant usage on schema plinth to plinth_api, plinth_system;

-- Which directory the cell belongs to, and under which name: noted by the first migration, checked by each later one.
create table plinth.home (
    only_row boolean primary key default true check (only_row),
    directory_id uuid not null,
    cell text not null
);

create function plinth.current_org() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('plinth.org', true), '')::uuid;

create function plinth.current_actor() returns jsonb
    language sql stable parallel safe
    return coalesce(
        nullif(current_setting('plinth.actor', true), '')::jsonb,
        jsonb_build_object('type', 'sql', 'id', session_user, 'name', session_user));

-- Row-level security for one org-owned table: forced, so that the owner's own functions obey it too. The scope is read in
-- a scalar sub-select, so that it is evaluated once a query and the index on org_id is used.
create procedure plinth.protect(tab regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', tab);
    execute format('alter table %s force row level security', tab);
    execute format('create policy scope on %s to plinth_api using (org_id = (select plinth.current_org())) with check (org_id = (select plinth.current_org()))', tab);
    execute format('create policy system on %s to plinth_system using (true) with check (true)', tab);
    execute format('grant select, insert, update, delete on %s to plinth_api, plinth_system', tab);
end
$$;
