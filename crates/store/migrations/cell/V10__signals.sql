-- Signals: what makes a principal's requests unusual, each with a weight and a time for which it counts. The risk that
-- policies ask for is their sum, computed here for servers and for SQL sessions alike. And where the clocks of the org are,
-- which `V11__judgement.sql` asks.

-- An IANA name that this database and the servers know.
alter table plinth.orgs add column time_zone text not null default 'UTC';
create policy judge on plinth.orgs for select to plinth_owner using (org_id = (select plinth.current_org()));

create table plinth.signals (
    org_id uuid not null references plinth.orgs on delete cascade,
    id uuid not null,
    -- Text of the id of a user or service account.
    principal text not null,
    kind text not null check (kind in ('failed_login', 'new_device', 'new_country', 'new_network')),
    -- {"address", "network", "country", "device"}, as far as they are known.
    detail jsonb not null,
    weight integer not null,
    at timestamptz not null,
    counts_until timestamptz not null,
    primary key (org_id, id)
);
create index signals_newest on plinth.signals (org_id, at, id);
create index signals_principal on plinth.signals (org_id, principal, at, id);
call plinth.protect('plinth.signals');
revoke update, delete on plinth.signals from plinth_api;
create policy judge on plinth.signals for select to plinth_owner using (org_id = (select plinth.current_org()));

-- From where each principal has asked in this org: what is not here is new. An org's own: nobody learns what its members do
-- in others.
create table plinth.places (
    org_id uuid not null references plinth.orgs on delete cascade,
    principal text not null,
    kind text not null check (kind in ('country', 'network')),
    value text not null,
    last_at timestamptz not null default now(),
    primary key (org_id, principal, kind, value)
);
call plinth.protect('plinth.places');
revoke delete on plinth.places from plinth_api;
create policy judge on plinth.places for select to plinth_owner using (org_id = (select plinth.current_org()));

-- What a signal weighs, the most that all of its kind weigh together, and how long it counts. Anybody can type wrong
-- passwords: alone they stay below what a policy should act on. The table stands in docs/policies.md.
create function plinth.signal_rule(kind text, out weight integer, out most integer, out lasts interval)
    language sql immutable parallel safe
    begin atomic
        select rule.weight, rule.most, rule.lasts
        from (values
            ('failed_login', 10, 40, interval '1 hour'),
            ('new_device', 30, 30, interval '1 day'),
            ('new_country', 40, 40, interval '1 day'),
            ('new_network', 40, 40, interval '1 day')) as rule (kind, weight, most, lasts)
        where rule.kind = signal_rule.kind;
    end;

-- The score of a principal, kind by kind; `also` are kinds that count as if each had just been noted.
create function plinth.risk_parts(org uuid, who text, also text[])
    returns table (kind text, points integer, counts_until timestamptz)
    language sql stable
    begin atomic
        select found.kind, least(sum(found.weight), (plinth.signal_rule(found.kind)).most)::integer, max(found.counts_until)
        from (
            select s.kind, s.weight, s.counts_until
            from plinth.signals s
            where s.org_id = org and s.principal = who and s.at > statement_timestamp() - interval '1 day'
                and s.counts_until > statement_timestamp()
            union all
            select extra.kind, rule.weight, statement_timestamp() + rule.lasts
            from unnest(also) as extra (kind) cross join lateral plinth.signal_rule(extra.kind) rule) as found
        group by found.kind;
    end;

-- `context.risk`.
create function plinth.risk(org uuid, who text, also text[]) returns integer
    language sql stable
    begin atomic
        select least(coalesce(sum(part.points), 0), 100)::integer from plinth.risk_parts(org, who, also) part;
    end;

-- At most 100 of a principal in an hour: nobody fills the disk by being unusual.
create function plinth.add_signal(org uuid, signal uuid, who text, what text, about jsonb, noted_at timestamptz)
    returns void language sql
    begin atomic
        insert into plinth.signals (org_id, id, principal, kind, detail, weight, at, counts_until)
        select org, signal, who, what, about, rule.weight, noted_at, noted_at + rule.lasts
        from plinth.signal_rule(what) rule
        where (select count(*) from plinth.signals s
            where s.org_id = org and s.principal = who and s.at > now() - interval '1 hour') < 100
        on conflict (org_id, id) do nothing;
    end;

-- Networks are as large as what one site usually has.
create function plinth.network_of(address inet) returns text
    language sql immutable strict parallel safe
    return network(set_masklen(address, case family(address) when 4 then 24 else 48 end))::text;

-- Whether the principal was elsewhere in the last 90 days and not here. Of one that is in a thousand places, another one
-- says nothing.
create function plinth.is_new_place(org uuid, who text, what text, place text) returns boolean
    language sql stable strict
    begin atomic
        select count(*) filter (where p.value = place) = 0 and count(*) between 1 and 999
        from plinth.places p
        where p.org_id = org and p.principal = who and p.kind = what and p.last_at > now() - interval '90 days';
    end;

-- Where a principal is, with the signal when that is new. Once an hour it is written down.
create function plinth.note_place(org uuid, who text, what text, place text, about jsonb) returns void
    language plpgsql set search_path = pg_catalog as $$
declare
    is_new boolean;
begin
    if exists (select from plinth.places p where p.org_id = org and p.principal = who and p.kind = what
            and p.value = place and p.last_at > now() - interval '1 hour') then
        return;
    end if;
    is_new := plinth.is_new_place(org, who, what, place);
    insert into plinth.places as known (org_id, principal, kind, value)
    select org, who, what, place
    where (select count(*) from plinth.places p where p.org_id = org and p.principal = who and p.kind = what) < 1000
        or exists (select from plinth.places p where p.org_id = org and p.principal = who and p.kind = what and p.value = place)
    on conflict on constraint places_pkey do update set last_at = now()
    where known.last_at <= now() - interval '1 hour';
    -- Of several at once, one has written it.
    if found and is_new then
        perform plinth.add_signal(org, gen_random_uuid(), who, 'new_' || what, about, now());
    end if;
end
$$;

-- Where a principal asks from. People move between networks all day long: of them, only the country is asked.
create function plinth.note_places(org uuid, who text, address inet, country text) returns void
    language plpgsql set search_path = pg_catalog as $$
declare
    about jsonb := jsonb_strip_nulls(jsonb_build_object('address', host(address), 'country', country));
begin
    if address is not null and starts_with(who, 'sa_') then
        perform plinth.note_place(org, who, 'network', plinth.network_of(address),
            about || jsonb_build_object('network', plinth.network_of(address)));
    end if;
    if country is not null then
        perform plinth.note_place(org, who, 'country', country, about);
    end if;
end
$$;

-- A request to a server, and the risk of its principal with it.
create function plinth.note_use(who text, address inet, country text) returns integer
    language plpgsql set search_path = pg_catalog as $$
begin
    perform plinth.note_places(plinth.current_org(), who, address, country);
    return plinth.risk(plinth.current_org(), who, null);
end
$$;

-- From where a SQL session is connected, as far as a place can be new; `V16__countries.sql` adds the country.
create function plinth.sql_places() returns table (kind text, place text)
    language sql stable
    begin atomic
        select 'network', plinth.network_of(inet_client_addr());
    end;

-- The risk of a SQL session: what was noted of its account, and what is new about where its connection comes from. A
-- statement cannot note that itself; servers do, see `sql_connections`.
create function plinth.sql_risk() returns integer
    language sql stable
    begin atomic
        select plinth.risk(plinth.current_org(), account.who, array(
            select 'new_' || here.kind from plinth.sql_places() here
            where plinth.is_new_place(plinth.current_org(), account.who, here.kind, here.place)))
        from (select plinth.id_text('sa', (plinth.sql_session()).account) as who) as account;
    end;

-- The circumstances of a SQL session: the address that it comes from, how old its login is, and its risk.
create or replace function plinth.sql_context() returns jsonb
    language sql stable parallel safe
    return jsonb_strip_nulls(jsonb_build_object(
        'ip', case when inet_client_addr() is not null then plinth.address_view(inet_client_addr()) end,
        'authentication', jsonb_build_object(
            'age_secs', floor(extract(epoch from statement_timestamp() - (plinth.sql_session()).made))::bigint,
            'strength', 1),
        'risk', plinth.sql_risk()));

-- From where SQL sessions are connected at this moment.
create function plinth.sql_connections() returns table (login text, address inet)
    language sql stable security definer set search_path = pg_catalog as $$
    select distinct usename::text, client_addr from pg_stat_activity
    where datname = current_database() and starts_with(usename::text, 'plinth_sql_') and client_addr is not null
$$;
grant create on schema plinth to plinth_logins;
alter function plinth.sql_connections owner to plinth_logins;
revoke create on schema plinth from plinth_logins;
revoke execute on function plinth.sql_connections from public;
grant execute on function plinth.sql_connections to plinth_system;
