-- What PostgreSQL lets everybody do who may connect, and logins of service accounts have no business with: objects of
-- their own, the locks that servers hold, and what catalogs and statistics tell about other orgs. Safe to run twice.
do $$
declare
    found record;
    servers text := 'plinth_owner, plinth_api, plinth_system, plinth_views, plinth_logins, pg_monitor, pg_signal_backend';
begin
    if has_database_privilege('public', current_database(), 'connect') or has_database_privilege('public', current_database(), 'temporary') then
        execute format('revoke connect, temporary on database %I from public', current_database());
        execute format('grant connect on database %I to %s', current_database(), servers);
    end if;
    if not (select rolsuper from pg_roles where rolname = current_user) then
        raise warning 'the catalogs stay open to logins of service accounts: only a superuser can close them';
        return;
    end if;
    -- How much a login writes to disk: see plinth.make_login.
    if not has_parameter_privilege('plinth_logins', 'temp_file_limit', 'set') then
        grant set on parameter temp_file_limit to plinth_logins;
    end if;
    if not has_parameter_privilege('plinth_logins', 'log_min_messages', 'set') then
        grant set on parameter log_min_messages to plinth_logins;
    end if;
    -- A login that grants to itself what it has, or revokes it, changes nothing, but is in the way of who changes it.
    if not exists (select from pg_event_trigger where evtname = 'plinth_logins_change_nothing') then
        create schema if not exists plinth;
        create or replace function plinth.refuse_change() returns event_trigger
            language plpgsql set search_path = pg_catalog as $refuse$
        begin
            if starts_with(session_user::text, 'plinth_sql_') then
                raise exception 'logins of service accounts may not %', lower(tg_tag) using errcode = 'insufficient_privilege';
            end if;
        end
        $refuse$;
        create event trigger plinth_logins_change_nothing on ddl_command_start execute function plinth.refuse_change();
    end if;
    if has_schema_privilege('public', 'public', 'create') then
        revoke create on schema public from public;
    end if;
    if has_language_privilege('public', 'plpgsql', 'usage') then
        execute format('revoke usage on language plpgsql from public; grant usage on language plpgsql to %s', servers);
    end if;
    for found in
        select p.oid::regprocedure as function from pg_proc p
        where p.pronamespace = 'pg_catalog'::regnamespace and has_function_privilege('public', p.oid, 'execute') and (
            p.proname ~ '^(lo_|loread$|lowrite$|pg_(try_)?advisory_|pg_stat_get_|pg_stat_clear|pg_ls_|pg_current_wal|pg_last_|pg_lock|pg_show_all_file|pg_get_replication|pg_get_publication|pg_export_snapshot|pg_current_snapshot|pg_snapshot|pg_current_xact|pg_xact|pg_wal|pg_notification_queue|pg_safe_snapshot|pg_isolation_test|pg_blocking|pg_prepared_xact|pg_get_shmem|pg_get_backend|pg_logical_|pg_replication_|pg_control_|pg_get_multixact|txid_|pg_terminate_backend|pg_cancel_backend)'
            or p.proname ~ '^pg_.*_size$' and p.proname <> 'pg_column_size')
    loop
        execute format('revoke execute on function %s from public; grant execute on function %1$s to %s', found.function, servers);
    end loop;
    for found in
        select c.relname from pg_class c
        where c.relnamespace = 'pg_catalog'::regnamespace and has_table_privilege('public', c.oid, 'select') and (
            c.relkind = 'v' and c.relname ~ '^pg_(stat_|statio_|locks|roles|user$|group$|shadow|prepared_xacts|replication|shmem|backend|publication|seclabels|wait|aios)'
            or c.relname in ('pg_auth_members', 'pg_db_role_setting', 'pg_shdepend', 'pg_shdescription', 'pg_largeobject_metadata'))
    loop
        execute format('revoke select on pg_catalog.%I from public; grant select on pg_catalog.%1$I to %s', found.relname, servers);
    end loop;
    -- How many rows and pages all orgs together have.
    if has_column_privilege('public', 'pg_class', 'reltuples', 'select') then
        execute format('revoke select on pg_catalog.pg_class from public; grant select on pg_catalog.pg_class to %s', servers);
        execute (select format('grant select (%s) on pg_catalog.pg_class to public', string_agg(quote_ident(attname), ', '))
            from pg_attribute where attrelid = 'pg_class'::regclass and not attisdropped
                and (attnum > 0 or attname = 'tableoid') and attname not in ('reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfilenode'));
    end if;
end
$$;
