with allowed as materialized (
    select plinth.require_quota(
        $1, $3, coalesce((org.quotas ->> declared.plural)::bigint, ($10::jsonb ->> org.plan)::bigint))
    from plinth.orgs org
    join plinth.resource_types declared on declared.name = $3 and declared.revision = $11
    where org.org_id = $1
), created as (
    insert into plinth.resources (org_id, id, type, name, properties, spec, secrets, created_by, status, owner)
    select $1, $2, $3, $4, $5, $6, $7, $8, $12, $13 from allowed
    returning *
), metered as (
    insert into plinth.usage_records (org_id, source, id, meter, resource_id, quantity, at)
    select created.org_id, 'control', created.id || '/' || meter, meter, created.id, 1, created.created_at
    from created, unnest($9::text[]) as meter
)
select * from created
