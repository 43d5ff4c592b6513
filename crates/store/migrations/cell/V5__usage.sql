-- Measured points (metrics) and billable points (usage).
create table plinth.metric_series (
    org_id uuid not null references plinth.orgs on delete cascade,
    id bigint generated always as identity,
    name text not null,
    resource_id uuid not null,
    labels jsonb not null default '{}',
    primary key (org_id, id)
);
create unique index metric_series_identity on plinth.metric_series (org_id, name, resource_id, labels);
call plinth.protect('plinth.metric_series');

create table plinth.metric_points (
    org_id uuid not null,
    series_id bigint not null,
    at timestamptz not null,
    value double precision not null,
    primary key (org_id, series_id, at),
    foreign key (org_id, series_id) references plinth.metric_series on delete cascade
);
call plinth.protect('plinth.metric_points');

-- Deduplicated for good by (source, id); the ledger that bills are rated from.
create table plinth.usage_records (
    org_id uuid not null references plinth.orgs on delete cascade,
    source text not null,
    id text not null,
    meter text not null,
    resource_id uuid,
    quantity numeric not null,
    at timestamptz not null,
    properties jsonb not null default '{}',
    recorded_at timestamptz not null default now(),
    primary key (org_id, source, id)
);
create index usage_records_drill on plinth.usage_records (org_id, meter, resource_id, at, source, id);
create index usage_records_newest on plinth.usage_records (org_id, at, source, id);
call plinth.protect('plinth.usage_records');
revoke update, delete on plinth.usage_records from plinth_api;

-- Hourly sums, kept with the record's own transaction.
create table plinth.usage_rollups (
    org_id uuid not null references plinth.orgs on delete cascade,
    meter text not null,
    -- The nil UUID stands for usage that belongs to no resource.
    resource_id uuid not null,
    hour timestamptz not null,
    quantity numeric not null,
    record_count bigint not null,
    primary key (org_id, meter, resource_id, hour)
);
create index usage_rollups_hour on plinth.usage_rollups (org_id, hour);
call plinth.protect('plinth.usage_rollups');
revoke insert, update, delete on plinth.usage_rollups from plinth_api;
create policy rollup on plinth.usage_rollups to plinth_owner using (true) with check (true);

create function plinth.roll_up() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into plinth.usage_rollups (org_id, meter, resource_id, hour, quantity, record_count)
    select org_id, meter, coalesce(resource_id, '00000000-0000-0000-0000-000000000000'),
        date_trunc('hour', at, 'UTC'), sum(quantity), count(*)
    from recorded group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (org_id, meter, resource_id, hour) do update
    set quantity = plinth.usage_rollups.quantity + excluded.quantity,
        record_count = plinth.usage_rollups.record_count + excluded.record_count;
    return null;
end
$$;
create trigger roll_up after insert on plinth.usage_records
    referencing new table as recorded for each statement execute function plinth.roll_up();
