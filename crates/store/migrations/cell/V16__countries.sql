-- In which country an address is, for SQL sessions: servers that have a file of countries keep its ranges here
-- (crates/control/src/country). Of no org, and nobody's secret; without ranges every country is unknown. And the signals of
-- an org, for its SQL clients.

-- What lies between two addresses, both included. No two overlap.
create table plinth.countries (
    start inet primary key,
    "end" inet not null,
    -- Two capital letters (ISO 3166).
    country text not null,
    check (family(start) = family("end") and start <= "end")
);
-- The file that they come from.
create table plinth.country_file (
    only_row boolean primary key default true check (only_row),
    -- SHA-256, in hexadecimal digits.
    digest text not null,
    loaded_at timestamptz not null default now()
);
grant select, insert, delete on plinth.countries to plinth_system;
grant select, insert, update on plinth.country_file to plinth_system;

-- An address by itself, without a network; one of version 4 within version 6 as what it is. As in crates/control/src/country.rs.
create function plinth.plain_address(address inet) returns inet
    language sql immutable strict parallel safe
    return case when address <<= inet '::ffff:0.0.0.0/96' then inet '0.0.0.0' + (address - inet '::ffff:0.0.0.0')
        else host(address)::inet end;

-- The country of an address. The range that begins last before it is the only one that may have it. PostgreSQL puts all
-- addresses of version 4 before those of version 6, so that a range of the other version ends before the address.
-- What is of version 6 and leads to an address of version 4 is in no country, as in crates/control/src/country.rs.
create function plinth.country_of(address inet) returns text
    language sql stable strict parallel safe
    begin atomic
        select found.country
        from (select plinth.plain_address(address) as address) asked
        cross join lateral (
            select c."end", c.country from plinth.countries c
            where c.start <= asked.address order by c.start desc limit 1) as found
        where found."end" >= asked.address
            and not asked.address <<= any (array[inet '::/96', inet '2001::/32', inet '2002::/16']);
    end;
revoke execute on function plinth.country_of from public;
grant execute on function plinth.country_of to plinth_system;

create or replace function plinth.sql_places() returns table (kind text, place text)
    language sql stable
    begin atomic
        select 'network', plinth.network_of(inet_client_addr())
        union all
        select 'country', plinth.country_of(inet_client_addr());
    end;

-- The circumstances of a SQL session: the address that it comes from and its country, how old its login is, and its risk.
create or replace function plinth.sql_context() returns jsonb
    language sql stable parallel safe
    return jsonb_strip_nulls(jsonb_build_object(
        'ip', case when inet_client_addr() is not null then plinth.address_view(inet_client_addr()) end,
        'country', plinth.country_of(inet_client_addr()),
        'authentication', jsonb_build_object(
            'age_secs', floor(extract(epoch from statement_timestamp() - (plinth.sql_session()).made))::bigint,
            'strength', 1),
        'risk', plinth.sql_risk()));

-- As `list` in crates/control/src/signal.rs: for those who may see policies, of the members and service accounts that they
-- may see. Which these are is looked up once for a statement.
do $$
begin
    execute format('create policy sight on plinth.signals for select to plinth_views using (
            org_id = (select plinth.current_org()) and ((select plinth.is_owner()) or %s) and principal in (
                select plinth.id_text(''user'', m.user_id) from plinth.memberships m where m.org_id = (select plinth.current_org())
                union all
                select plinth.id_text(''sa'', a.id) from plinth.service_accounts a where a.org_id = (select plinth.current_org())))',
        plinth.judged('''policies:view''', 'plinth.noun_view(''policies'', plinth.org_text(), ''{}'')'));
end
$$;
grant select on plinth.signals to plinth_views;

create view org.signals as
select principal, kind, detail, weight, at, counts_until from plinth.signals;
alter view org.signals owner to plinth_views;
grant select on org.signals to plinth_sql;
