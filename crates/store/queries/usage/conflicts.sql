select record.place
from unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::numeric[], $7::timestamptz[], $8::jsonb[])
    with ordinality as record (source, id, meter, resource_id, quantity, at, properties, place)
join plinth.usage_records known on known.org_id = $1 and known.source = record.source and known.id = record.id
where (known.meter, known.resource_id, known.quantity, known.at, known.properties)
    is distinct from (record.meter, record.resource_id, record.quantity, record.at, record.properties)
order by record.place
limit 100
