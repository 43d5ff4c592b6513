select wanted.id, coalesce(resource.type, past.kind) as type_name, coalesce(resource.name, past.subject_name) as name
from unnest($2::uuid[]) as wanted (id)
left join plinth.resources resource on resource.org_id = $1 and resource.id = wanted.id
left join lateral (
    -- The log remembers what has been purged.
    select kind, subject_name from plinth.events
    where org_id = $1 and subject_id = wanted.id and resource.id is null
    order by seq desc
    limit 1
) past on true
where resource.id is not null or past.kind is not null
