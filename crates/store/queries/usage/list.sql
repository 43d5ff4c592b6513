select source, id, meter, plinth.resource_text(resource_id) as resource, quantity, at, properties, recorded_at
from (
    select source, id, meter, resource_id, quantity, at, properties, recorded_at
    from plinth.usage_records
    where {wanted}
        and ($10::timestamptz is null or (at, source, id) >= ($10, $11::text, $12::text))
    order by at desc, source desc, id desc
    limit $13
) page
order by at desc, source desc, id desc
