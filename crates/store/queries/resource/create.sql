with allowed as materialized (
    select plinth.require_quota($1, $3, $10)
), created as (
    insert into plinth.resources (org_id, id, type, name, properties, spec, secrets, created_by)
    select $1, $2, $3, $4, $5, $6, $7, $8 from allowed
    returning *
), metered as (
    insert into plinth.usage_records (org_id, source, id, meter, resource_id, quantity, at)
    select created.org_id, 'control', created.id || '/' || meter, meter, created.id, 1, created.created_at
    from created, unnest($9::text[]) as meter
)
select * from created
