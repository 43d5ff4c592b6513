with told as (
    update plinth.work_items
    set delivered_generation = generation
    where type = any ($1::text[]) and leased_by = $2 and leased_until > now() and generation > delivered_generation
    returning org_id, resource_id
)
select resource.*
from told
join plinth.resources resource on resource.org_id = told.org_id and resource.id = told.resource_id
