-- Cluster-wide roles. Idempotent, because several databases share one cluster.
-- plinth_owner owns every object and never logs in. plinth_api serves requests: row-level security binds it to one org
-- at a time. plinth_system is background work over all orgs: it sees all rows by explicit policies, not by BYPASSRLS.
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
    if not pg_has_role(current_user, 'plinth_owner', 'member') then
        execute format('grant plinth_owner to %I', current_user);
    end if;
end
$$;
