-- The end of logins and of sessions, whatever a session has done.

-- A login ends even when its role cannot be dropped, since something hangs on it: default privileges, say. What is in this
-- database goes with it; for what is in another one the role stays, without a way in.
create or replace function plinth.end_login() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    gone text := coalesce(new.login, old.login);
begin
    if exists (select from pg_roles where rolname = gone) then
        -- Nobody comes in any more; then those go who are in.
        execute format('alter role %I nologin', gone);
        perform pg_terminate_backend(pid) from pg_stat_activity where usename = gone;
        begin
            execute format('drop owned by %I', gone);
            execute format('drop role %I', gone);
        exception when others then
            raise warning 'the role % stays, without a way in: %', gone, sqlerrm;
            execute format('revoke plinth_sql from %I', gone);
        end;
    end if;
    return null;
end
$$;

-- Whether the server has connections for one more login: a half of them is for Plinth itself.
create function plinth.has_room_for_login() returns boolean
    language sql stable security definer set search_path = pg_catalog as $$
    select (count(*) + 1) * 3 <= current_setting('max_connections')::int / 2
    from pg_roles where starts_with(rolname, 'plinth_sql_') and rolcanlogin
$$;

-- As before, with a bound on what its queries write to disk, where a superuser lets us set it: see harden.sql.
create or replace function plinth.make_login(login text, verifier text, expires_at timestamptz) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    if login !~ '^plinth_sql_[0-9a-z]{26}$' or verifier !~ '^SCRAM-SHA-256[$]' then
        raise exception 'not a login of service accounts';
    end if;
    -- Who made it is in it, to be able to end its sessions.
    execute format('create role %I login connection limit 3 valid until %L password %L in role plinth_sql role plinth_logins',
        login, expires_at, verifier);
    execute format('alter role %I in database %I set search_path = org, pg_catalog', login, current_database());
    execute format('alter role %I in database %I set statement_timeout = %L', login, current_database(), '60s');
    if has_parameter_privilege(current_user, 'temp_file_limit', 'set') then
        execute format('alter role %I in database %I set temp_file_limit = %L', login, current_database(), '1GB');
    end if;
end
$$;

-- Ends SQL sessions for which a server waits, and those that fill the queue of notifications; how many. A transaction may
-- stay open as long as it is in nobody's way.
create function plinth.end_blocking_sessions() returns bigint
    language sql security definer set search_path = pg_catalog as $$
    select count(pg_terminate_backend(s.pid))
    from pg_stat_activity s
    where s.datname = current_database() and starts_with(s.usename::text, 'plinth_sql_')
        and s.xact_start < clock_timestamp() - interval '2 seconds'
        and (pg_notification_queue_usage() > 0.1 or s.pid in (
            select unnest(pg_blocking_pids(l.pid))
            from pg_locks l join pg_stat_activity waiting on waiting.pid = l.pid
            where not l.granted and l.waitstart < clock_timestamp() - interval '1 second'
                and not starts_with(waiting.usename::text, 'plinth_sql_')))
$$;
grant create on schema plinth to plinth_logins;
alter function plinth.has_room_for_login owner to plinth_logins;
alter function plinth.end_blocking_sessions owner to plinth_logins;
revoke create on schema plinth from plinth_logins;
revoke execute on function plinth.has_room_for_login, plinth.end_blocking_sessions from public;
grant execute on function plinth.has_room_for_login to plinth_api;
grant execute on function plinth.end_blocking_sessions to plinth_system;
