-- Members, invitations, service accounts and policies are read for the API by a role that row-level security binds to the
-- caller's policies, as logins of service accounts are. What the control plane reads to decide something stays with
-- plinth_api.
grant usage on schema plinth to plinth_reads;
grant select on plinth.memberships, plinth.invitations, plinth.service_accounts, plinth.policies to plinth_reads;
alter policy sight on plinth.memberships to plinth_views, plinth_reads;
alter policy sight on plinth.invitations to plinth_views, plinth_reads;
alter policy sight on plinth.service_accounts to plinth_views, plinth_reads;

-- No policy takes the policies out of the hands of an owner: somebody has to be able to mend them. As `reach_of` in
-- crates/control/src/caller.rs.
create function plinth.is_owner() returns boolean
    language sql stable parallel safe
    return coalesce(plinth.principal() -> 'ancestors' ? 'Role::owner', false);
drop policy sight on plinth.policies;
do $$
begin
    execute format('create policy sight on plinth.policies for select to plinth_views, plinth_reads using (
            org_id = (select plinth.current_org()) and ((select plinth.is_owner()) or %s))',
        plinth.judged('''policies:view''',
            'plinth.noun_view(''policies'', plinth.id_text(''policy'', id), jsonb_build_object(''name'', name))'));
end
$$;

-- As before, in a tenth of the time: they are asked for each record.
create or replace function plinth.resource_text(resource uuid) returns text
    language plpgsql stable strict security definer parallel safe set search_path = pg_catalog as $$
declare
    kind text;
begin
    select r.type into kind from plinth.resources r where r.org_id = plinth.current_org() and r.id = resource;
    if not found then
        select e.kind into kind from plinth.events e
        where e.org_id = plinth.current_org() and e.subject_id = resource order by e.seq desc limit 1;
    end if;
    return plinth.id_text(coalesce(kind, 'resource'), resource);
end
$$;

create or replace function plinth.about(resource uuid) returns jsonb
    language plpgsql stable parallel safe set search_path = pg_catalog as $$
declare
    text text := plinth.resource_text(resource);
begin
    return case when text is null then '{}' else
        jsonb_build_object('subject', jsonb_build_object('type', left(text, -27), 'id', text)) end;
end
$$;

-- Events, usage and points as well. Who sees all points is not asked about each.
grant select on plinth.events, plinth.usage_records, plinth.metric_series, plinth.metric_points, plinth.resources,
    plinth.resource_types to plinth_reads;
alter policy view on plinth.resources to plinth_api, plinth_views, plinth_writes, plinth_reads;
alter policy sight on plinth.events to plinth_views, plinth_reads;
alter policy sight on plinth.usage_records to plinth_views, plinth_reads;
alter policy sight on plinth.metric_series to plinth_views, plinth_reads;
alter policy sight on plinth.metric_points to plinth_views, plinth_reads
    using (org_id = (select plinth.current_org()) and (
        (select points.everything and resources.everything
            from plinth.judgement('metrics:view') points, plinth.judgement('resources:view') resources)
        or exists (select from plinth.metric_series s where s.org_id = metric_points.org_id and s.id = metric_points.series_id)));

-- Row-level security asks the policies when it meets the first row. Whoever has found nothing by an id or a name asks this
-- next: it asks them where there was no row, so that how long it took does not tell what is hidden from what is not there.
create function plinth.even_out(kind text, wanted uuid, named text) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if wanted is not null and exists (
            select from plinth.resources r where r.org_id = plinth.current_org() and r.type = kind and r.id = wanted)
        or named is not null and exists (
            select from plinth.resources r
            where r.org_id = plinth.current_org() and r.type = kind and r.name = named and r.deleted_at is null)
    then
        return;
    end if;
    perform jsonb_path_match('{"properties": {}}', asked.path, asked.vars, true)
    from plinth.judgement('resources:view') asked where not asked.everything;
end
$$;
revoke execute on function plinth.even_out from public;
grant execute on function plinth.even_out to plinth_api;
