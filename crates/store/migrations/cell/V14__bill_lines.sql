-- Lines of bills for SQL clients. The arithmetic is that of the server (crates/rating), which writes them down again for
-- orgs with a login while they change.
create table plinth.bill_lines (
    org_id uuid not null references plinth.orgs on delete cascade,
    -- A month in UTC such as `2026-11`.
    period text not null,
    number integer not null,
    price text not null,
    title text not null,
    -- `usage`, `flat` or `minimum`.
    kind text not null,
    meter text,
    -- Id of the resource, and what it was called.
    resource text,
    resource_name text,
    quantity numeric not null,
    unit text not null,
    amount numeric not null,
    currency text not null,
    records bigint not null,
    -- What was recorded before this moment is in the bill.
    as_of timestamptz not null,
    primary key (org_id, period, number)
);
call plinth.protect('plinth.bill_lines');

-- When the lines of an org were written down.
create table plinth.bill_dates (
    org_id uuid primary key references plinth.orgs on delete cascade,
    as_of timestamptz not null
);
call plinth.protect('plinth.bill_dates');

-- As `get` in crates/control/src/bill.rs: the bill as a whole is asked for, then each line.
do $$
begin
    execute format('create policy sight on plinth.bill_lines for select to plinth_views using (org_id = (select plinth.current_org()) and %s and %s)',
        plinth.judged('''bill:view''', 'plinth.noun_view(''bill'', plinth.org_text(), ''{}'')'),
        plinth.judged('''bill:view''', 'plinth.noun_view(''bill'', coalesce(meter, price) || ''/'' || coalesce(resource, ''none''), '
            'case when resource is null then ''{}'' else jsonb_build_object(''subject'', '
            'jsonb_build_object(''type'', regexp_replace(resource, ''_[^_]*$'', ''''), ''id'', resource)) end)'));
end
$$;
grant select on plinth.bill_lines to plinth_views;

create view org.bill_lines as
select period, price, title, kind, meter, resource, resource_name, quantity, unit, amount, currency, records, as_of
from plinth.bill_lines;
alter view org.bill_lines owner to plinth_views;
grant select on org.bill_lines to plinth_sql;
