-- Cluster-wide roles. Idempotent, because several databases share one cluster.
-- plinth_owner owns every object and never logs in. plinth_api serves requests: row-level security binds it to one org
-- at a time. plinth_system is background work over all orgs: it sees all rows by explicit policies, not by BYPASSRLS.
-- plinth_sql is what the logins of service accounts belong to. They see the views of plinth_views, whom row-level security
-- binds as well, and write through the functions of plinth_writes, whom it binds, too; plinth_logins makes and drops them,
-- in functions that do nothing else.
do $$
begin
    perform pg_advisory_xact_lock(hashtext('plinth.roles'));
    if not exists (select from pg_roles where rolname = 'plinth_owner') then
        create role plinth_owner nologin nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'plinth_api') then
        create role plinth_api login nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'plinth_system') then
        create role plinth_system login nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'plinth_views') then
        create role plinth_views nologin nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'plinth_writes') then
        create role plinth_writes nologin nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'plinth_sql') then
        create role plinth_sql nologin nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'plinth_logins') then
        create role plinth_logins nologin createrole nosuperuser nobypassrls;
        grant plinth_sql to plinth_logins with admin option;
    end if;
    -- To give it to them what they own.
    if not (pg_has_role('plinth_owner', 'plinth_views', 'usage') and pg_has_role('plinth_owner', 'plinth_logins', 'usage')
        and pg_has_role('plinth_owner', 'plinth_writes', 'usage')) then
        grant plinth_views, plinth_writes, plinth_logins to plinth_owner;
    end if;
    -- From 16 on, who makes a role may administer it and is no member yet.
    if not pg_has_role(current_user, 'plinth_owner', 'usage') then
        execute format('grant plinth_owner to %I', current_user);
    end if;
end
$$;
