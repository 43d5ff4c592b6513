-- The types that the product sells, mirrored from the directory: what triggers and writers must know about a type.
create table plinth.resource_types (
    name text primary key,
    plural text not null unique,
    reconciled boolean not null,
    revision bigint not null
);
grant select on plinth.resource_types to plinth_api;
grant select, insert, update, delete on plinth.resource_types to plinth_system;

create table plinth.resources (
    org_id uuid not null references plinth.orgs on delete cascade,
    id uuid not null,
    type text not null,
    name text not null,
    properties jsonb not null default '{}',
    spec jsonb not null,
    status jsonb not null default '{}',
    -- JSON pointer into spec -> base64 of the encrypted value. Never captured, never returned.
    secrets jsonb not null default '{}',
    -- Counts changes of the desired state (spec, secrets, deletion): what a reconciler has to reach.
    generation bigint not null default 1,
    -- The generation that the status speaks of.
    observed_generation bigint not null default 0,
    -- Counts changes by the resource's users; the ETag. A status report does not change it.
    version bigint not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    -- The reconciler has torn down what the resource stood for; only now may the row be purged.
    finalized_at timestamptz,
    primary key (org_id, id)
);
create unique index resources_name on plinth.resources (org_id, type, name) where deleted_at is null;
create index resources_created on plinth.resources (org_id, type, created_at, id);
create index resources_updated on plinth.resources (org_id, type, updated_at, id);
create index resources_named on plinth.resources (org_id, type, name, id);
call plinth.protect('plinth.resources');
create trigger capture after insert or update or delete on plinth.resources
    for each row execute function plinth.capture('', 'id', 'name', 'secrets');

-- Which live resource points at which, by the reference fields of its spec: a target in use cannot be deleted.
create table plinth.resource_refs (
    org_id uuid not null,
    from_id uuid not null,
    pointer text not null,
    to_id uuid not null,
    primary key (org_id, from_id, pointer),
    foreign key (org_id, from_id) references plinth.resources on delete cascade,
    foreign key (org_id, to_id) references plinth.resources on delete cascade
);
create index resource_refs_to on plinth.resource_refs (org_id, to_id);
call plinth.protect('plinth.resource_refs');

-- One row a resource that needs a reconciler's attention; coalesced, because only the newest generation matters.
create table plinth.work_items (
    org_id uuid not null,
    resource_id uuid not null,
    type text not null,
    generation bigint not null,
    -- The newest generation that the lease holder has been told of.
    delivered_generation bigint not null default 0,
    observed_generation bigint not null default 0,
    next_at timestamptz not null default now(),
    attempts integer not null default 0,
    lease_epoch bigint not null default 0,
    leased_by text,
    leased_until timestamptz,
    token_hash bytea,
    primary key (org_id, resource_id),
    foreign key (org_id, resource_id) references plinth.resources on delete cascade
);
create index work_items_due on plinth.work_items (type, next_at);
call plinth.protect('plinth.work_items');
create policy enqueue on plinth.work_items to plinth_owner using (true) with check (true);

create function plinth.enqueue() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into plinth.work_items (org_id, resource_id, type, generation)
    select new.org_id, new.id, new.type, new.generation
    from plinth.resource_types t where t.name = new.type and t.reconciled
    on conflict (org_id, resource_id) do update
    set generation = excluded.generation, next_at = least(plinth.work_items.next_at, now()), attempts = 0;
    return null;
end
$$;
create trigger enqueue_new after insert on plinth.resources
    for each row execute function plinth.enqueue();
create trigger enqueue_changed after update of generation on plinth.resources
    for each row when (old.generation is distinct from new.generation) execute function plinth.enqueue();

-- How many live things of a kind an org has, as of its last numbered event. The sequencer keeps it; what it has not
-- numbered yet lies in the inbox, so that both together are the exact count of what is committed.
create table plinth.resource_counts (
    org_id uuid not null,
    kind text not null,
    live bigint not null,
    primary key (org_id, kind)
);
call plinth.protect('plinth.resource_counts');
revoke insert, update, delete on plinth.resource_counts from plinth_api;
create policy quota on plinth.resource_counts for select to plinth_owner using (org_id = (select plinth.current_org()));
create policy quota on plinth.event_inbox for select to plinth_owner using (org_id = (select plinth.current_org()));

create function plinth.live_delta(operation text) returns bigint
    language sql immutable parallel safe
    return case when operation in ('create', 'undelete') then 1 when operation = 'delete' then -1 else 0 end;

-- Refuses the row that would exceed the quota. The count alone is exact while it is further from the quota than the
-- number of transactions that can run at once; closer than that, creators of one org and type take turns.
-- Runs as the owner, since nobody who serves requests may read the inbox; therefore only for the org of the scope.
create function plinth.require_quota(org uuid, kind text, quota bigint) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    used bigint;
begin
    if org is distinct from plinth.current_org() then
        raise exception 'not in scope';
    end if;
    if quota is null then
        return;
    end if;
    for attempt in 1..2 loop
        select coalesce((select live from plinth.resource_counts c where c.org_id = org and c.kind = require_quota.kind), 0)
            + coalesce((select sum(plinth.live_delta(i.operation)) from plinth.event_inbox i
                        where i.org_id = org and i.kind = require_quota.kind), 0)
        into used;
        if used + current_setting('max_connections')::bigint < quota or (attempt = 2 and used < quota) then
            return;
        end if;
        exit when attempt = 2;
        perform pg_advisory_xact_lock(hashtextextended(org::text || kind, 1));
    end loop;
    raise exception 'quota of % reached', quota using errcode = 'PL001';
end
$$;
revoke execute on function plinth.require_quota from public;
grant execute on function plinth.require_quota to plinth_api;
