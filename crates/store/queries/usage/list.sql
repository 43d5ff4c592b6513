with page as (
    select source, id, meter, resource_id, quantity, at, properties, recorded_at
    from plinth.usage_records
    where org_id = $1
        and ($2::text is null or meter = $2)
        and ($3::uuid is null or resource_id = $3)
        and (not $4 or resource_id is null)
        and ($5::timestamptz is null or at >= $5)
        and ($6::timestamptz is null or at < $6)
        and ($7::timestamptz is null or (at, source, id) < ($7, $8::text, $9::text))
    order by at desc, source desc, id desc
    limit $10
)
select page.*, coalesce(resource.type, past.kind) as resource_type
from page
left join plinth.resources resource on resource.org_id = $1 and resource.id = page.resource_id
left join lateral (
    select kind from plinth.events
    where org_id = $1 and subject_id = page.resource_id and resource.id is null
    order by seq desc
    limit 1
) past on true
order by page.at desc, page.source desc, page.id desc
