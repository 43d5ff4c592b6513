with added as (
    insert into plinth.usage_records (org_id, source, id, meter, resource_id, quantity, at, properties)
    select $1, source, id, meter, resource_id, quantity, at, properties
    from unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::numeric[], $7::timestamptz[], $8::jsonb[])
        with ordinality as record (source, id, meter, resource_id, quantity, at, properties, place)
    -- One order for all writers, so that they never wait for each other in a circle.
    order by source, id, place
    on conflict (org_id, source, id) do nothing
    returning 1
)
select count(*) as accepted from added
