-- What a session of a login can still do to others: hold on to its end, lock what all share, and measure it.

-- Logins that have ended, and whose roles are still there. A role is dropped in a transaction after the one that took its way
-- in: until that is committed, somebody can come in by it.
create table plinth.ended_logins (login text primary key);
grant select, insert, update, delete on plinth.ended_logins to plinth_logins;

-- Takes a login's way into the database, and ends its sessions. What it does to its own role, over and over, makes each
-- change of the role fail, but not this one: it is not its to change.
create or replace function plinth.end_login() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    gone text := coalesce(new.login, old.login);
begin
    if exists (select from pg_roles where rolname = gone) then
        insert into plinth.ended_logins values (gone) on conflict do nothing;
        execute format('revoke plinth_sql from %I', gone);
        perform pg_terminate_backend(pid) from pg_stat_activity where usename = gone;
    end if;
    return null;
end
$$;

-- Shuts a login out of the server; false when it would not go. On a server with open databases it comes in there: its
-- sessions go first, and it is tried again before they are back. Who waits for this waits for no transaction of theirs.
create function plinth.shut_out(gone text) returns boolean
    language plpgsql security definer set search_path = pg_catalog set lock_timeout = '200ms' as $$
begin
    for attempt in 1..5 loop
        perform pg_stat_clear_snapshot();
        perform pg_terminate_backend(pid) from pg_stat_activity where usename = gone;
        perform pg_terminate_backend(pid, 500) from pg_stat_activity where usename = gone;
        begin
            execute format('alter role %I nologin', gone);
            return true;
        exception when internal_error or lock_not_available then
            null;
        end;
    end loop;
    return false;
end
$$;

-- Drops the roles of logins that have ended. What is in this database goes with them; for what is in another one a role
-- stays, without a way in. What somebody is changing at this moment is left for the next time.
create function plinth.drop_ended_logins() returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    gone text;
begin
    for gone in select login from plinth.ended_logins for update skip locked loop
        if exists (select from pg_roles where rolname = gone) then
            begin
                continue when not plinth.shut_out(gone);
                execute format('drop owned by %I', gone);
                execute format('drop role %I', gone);
            exception
                when dependent_objects_still_exist then
                    raise warning 'the role % stays, without a way in: %', gone, sqlerrm;
                when others then
                    raise warning 'the role % stays for now, without a way in: %', gone, sqlerrm;
                    continue;
            end;
        end if;
        delete from plinth.ended_logins where login = gone;
    end loop;
end
$$;

-- As before; and what a login makes the server write to its log is bounded, where a superuser lets us: see harden.sql.
create or replace function plinth.make_login(login text, verifier text, expires_at timestamptz) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    bound record;
begin
    if login !~ '^plinth_sql_[0-9a-z]{26}$' or verifier !~ '^SCRAM-SHA-256[$]' then
        raise exception 'not a login of service accounts';
    end if;
    -- Who made it is in it, to be able to end its sessions.
    execute format('create role %I login connection limit 3 valid until %L password %L in role plinth_sql role plinth_logins',
        login, expires_at, verifier);
    execute format('alter role %I in database %I set search_path = org, pg_catalog', login, current_database());
    execute format('alter role %I in database %I set statement_timeout = %L', login, current_database(), '60s');
    for bound in select * from (values ('temp_file_limit', '1GB'), ('log_min_messages', 'fatal')) as b (parameter, most) loop
        if has_parameter_privilege(current_user, bound.parameter, 'set') then
            execute format('alter role %I in database %I set %I = %L', login, current_database(), bound.parameter, bound.most);
        end if;
    end loop;
end
$$;

-- As before; and sessions that lock a whole view while others wait, logins too, and those that use up the locks of the
-- server. Functions and not the views on them: when there are no locks left, there is none for a view.
create or replace function plinth.end_blocking_sessions() returns bigint
    language sql security definer set search_path = pg_catalog as $$
    with sessions as materialized (
        select s.pid, s.xact_start, starts_with(pg_get_userbyid(s.usesysid)::text, 'plinth_sql_') as by_login
        from pg_stat_get_activity(null) s join pg_stat_get_activity(pg_backend_pid()) me on me.datid = s.datid
    ), locks as materialized (
        select l.pid, l.granted, l.locktype, l.waitstart from pg_lock_status() l
    ), in_the_way as materialized (
        select unnest(pg_blocking_pids(l.pid)) as pid
        from locks l join sessions waiting on waiting.pid = l.pid
        where not l.granted and l.waitstart < clock_timestamp() - interval '1 second'
            and (l.locktype = 'relation' or not waiting.by_login)
    ), greedy as materialized (
        select pid from locks group by pid
        having count(*) > greatest(200, current_setting('max_locks_per_transaction')::int
            * current_setting('max_connections')::int / 40)
    )
    select count(pg_terminate_backend(s.pid))
    from sessions s
    where s.by_login and (s.pid in (select pid from greedy)
        or s.xact_start < clock_timestamp() - interval '2 seconds'
            and (pg_notification_queue_usage() > 0.1 or s.pid in (select pid from in_the_way)))
$$;

-- Ends what logins have open, for a change of what they all look at.
create function plinth.end_open_sessions() returns bigint
    language sql security definer set search_path = pg_catalog as $$
    select pg_stat_clear_snapshot();
    select count(pg_terminate_backend(pid, 500)) from pg_stat_activity
    where datname = current_database() and starts_with(usename::text, 'plinth_sql_') and xact_start is not null
$$;

grant create on schema plinth to plinth_logins;
alter function plinth.shut_out owner to plinth_logins;
alter function plinth.drop_ended_logins owner to plinth_logins;
alter function plinth.end_open_sessions owner to plinth_logins;
revoke create on schema plinth from plinth_logins;
revoke execute on function plinth.shut_out, plinth.drop_ended_logins, plinth.end_open_sessions from public;
grant execute on function plinth.drop_ended_logins to plinth_api, plinth_system;

-- Whoever locks a view locks what it looks at, with the rights of the view's owner. Here it looks at a table that the owner
-- may only read: nobody can lock a view against others.
create table plinth.lock_guard (only_row boolean primary key default true check (only_row));
insert into plinth.lock_guard default values;
grant select on plinth.lock_guard to plinth_views;

do $$
declare
    shown record;
begin
    for shown in
        select c.relname from pg_class c
        where c.relnamespace = 'org'::regnamespace and c.relkind = 'v'
            and coalesce(obj_description(c.oid, 'pg_class'), '') !~ '^((written|closed) )?type '
    loop
        execute format('create or replace view org.%I as select shown.* from (%s) as shown '
            'where exists (select from plinth.lock_guard)', shown.relname,
            rtrim(pg_get_viewdef(format('org.%I', shown.relname)::regclass), '; '));
    end loop;
end
$$;

-- Makes the view of a type anew, or takes it away. A login that changes what it may, for itself, makes changes of others
-- fail: it is ended then.
create function plinth.show_type(shown text, definition text) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    for attempt in 1..10 loop
        begin
            execute format('drop view if exists org.%I', shown);
            if definition is not null then
                execute definition;
                execute format('comment on view org.%I is %L', shown, 'closed type ' || md5(definition));
                execute format('create trigger write instead of insert or update or delete on org.%I '
                    'for each row execute function plinth.write_resource()', shown);
                execute format('grant select, insert, update, delete on org.%I to plinth_sql', shown);
            end if;
            return;
        exception when internal_error then
            if attempt = 10 then
                raise;
            end if;
            perform plinth.end_open_sessions();
        end;
    end loop;
end
$$;
grant create on schema plinth to plinth_views;
alter function plinth.show_type owner to plinth_views;
revoke create on schema plinth from plinth_views;
revoke execute on function plinth.show_type from public;
grant execute on function plinth.end_open_sessions to plinth_views;

-- As before, with the guard.
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
            'updated_at from plinth.shown_resources(%L) where exists (select from plinth.lock_guard)',
            shown.view, columns, shown.type);
        continue when obj_description(to_regclass(format('org.%I', shown.view)), 'pg_class') = 'closed type ' || md5(definition);
        perform plinth.show_type(shown.view, definition);
    end loop;
    for known in
        select c.relname from pg_class c
        where c.relnamespace = 'org'::regnamespace and obj_description(c.oid, 'pg_class') ~ '^((written|closed) )?type '
            and c.relname not in (select replace(t ->> 'plural', '-', '_') from jsonb_array_elements(types) as t)
    loop
        perform plinth.show_type(known.relname, null);
    end loop;
end
$$;

-- Costs and kinds of plans are a session's to set, and each of them could make a view read the pages of all orgs, whose
-- number then shows in buffers, times and printed plans.
do $$
declare
    made record;
    pinned record;
begin
    for made in
        select p.oid::regprocedure as function from pg_proc p
        where p.proowner = 'plinth_views'::regrole and p.proconfig is not null and p.proretset
            or p.oid = 'plinth.write_resource'::regproc
    loop
        for pinned in
            select * from (values ('seq_page_cost', '1'), ('random_page_cost', '4'), ('cpu_tuple_cost', '0.01'),
                ('cpu_index_tuple_cost', '0.005'), ('cpu_operator_cost', '0.0025'), ('parallel_setup_cost', '1000'),
                ('parallel_tuple_cost', '0.1'), ('min_parallel_table_scan_size', '8MB'), ('min_parallel_index_scan_size', '512kB'),
                ('effective_cache_size', '4GB'), ('enable_seqscan', 'on'), ('enable_indexonlyscan', 'on'),
                ('enable_indexscan', 'on'), ('enable_bitmapscan', 'on'), ('enable_nestloop', 'on'), ('enable_hashjoin', 'on'),
                ('enable_mergejoin', 'on'), ('enable_hashagg', 'on'), ('enable_material', 'on'), ('enable_tidscan', 'on'),
                ('from_collapse_limit', '8'), ('join_collapse_limit', '8'), ('geqo', 'on'), ('plan_cache_mode', 'auto'),
                ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off')) as p (setting, value)
        loop
            execute format('alter function %s set %I = %L', made.function, pinned.setting, pinned.value);
        end loop;
    end loop;
end
$$;

-- By the clock: of several statements that are sent at once, each is judged when it begins.
create or replace function plinth.risk_parts(org uuid, who text, also text[])
    returns table (kind text, points integer, counts_until timestamptz)
    language sql stable
    begin atomic
        select found.kind, least(sum(found.weight), (plinth.signal_rule(found.kind)).most)::integer, max(found.counts_until)
        from (
            select s.kind, s.weight, s.counts_until
            from plinth.signals s
            where s.org_id = org and s.principal = who and s.at > (select clock_timestamp()) - interval '1 day'
                and s.counts_until > (select clock_timestamp())
            union all
            select extra.kind, rule.weight, clock_timestamp() + rule.lasts
            from unnest(also) as extra (kind) cross join lateral plinth.signal_rule(extra.kind) rule) as found
        group by found.kind;
    end;

create or replace function plinth.sql_context() returns jsonb
    language sql stable parallel safe
    return jsonb_strip_nulls(jsonb_build_object(
        'ip', case when inet_client_addr() is not null then plinth.address_view(inet_client_addr()) end,
        'country', plinth.country_of(inet_client_addr()),
        'authentication', jsonb_build_object(
            'age_secs', floor(extract(epoch from clock_timestamp() - (plinth.sql_session()).made))::bigint,
            'strength', 1),
        'risk', plinth.sql_risk()));
