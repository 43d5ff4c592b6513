select source, id, meter, plinth.resource_text(resource_id) as resource, quantity, at, properties, recorded_at
from (
    select source, id, meter, resource_id, quantity, at, properties, recorded_at
    from plinth.usage_records
    where org_id = $1
        and ($2::text is null or meter = $2)
        and ($3::uuid is null or resource_id = $3)
        and (not $4 or resource_id is null)
        and ($5::timestamptz is null or at >= $5)
        and ($6::timestamptz is null or at < $6)
        and ($7::timestamptz is null or (at, source, id) < ($7, $8::text, $9::text))
        and ($10::timestamptz is null or (at, source, id) >= ($10, $11::text, $12::text))
    order by at desc, source desc, id desc
    limit $13
) page
order by at desc, source desc, id desc
