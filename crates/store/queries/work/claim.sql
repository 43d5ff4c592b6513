with held as materialized (
    select org_id, count(*) as places
    from plinth.work_items
    where leased_by = $3 and leased_until > now()
    group by org_id
), due as materialized (
    select item.org_id, item.resource_id, item.next_at, resource.deleted_at is not null as deleted,
        row_number() over (partition by item.org_id order by item.next_at, item.resource_id) as turn,
        -- How many places of this agent the org would have, were it given this one and those before it.
        coalesce(held.places, 0) + count(*) filter (where resource.deleted_at is null)
            over (partition by item.org_id order by item.next_at, item.resource_id) as places
    from plinth.work_items item
    join plinth.resources resource on resource.org_id = item.org_id and resource.id = item.resource_id
    left join held on held.org_id = item.org_id
    where item.type = any ($1::text[]) and item.next_at <= now()
        and (item.leased_until is null or item.leased_until < now())
        and (resource.deleted_at is not null or not $7)
), picked as materialized (
    -- The conditions stand here again: a row that somebody else has just claimed is looked at anew, `due` is not.
    select item.org_id, item.resource_id, due.turn, due.next_at
    from plinth.work_items item
    join due using (org_id, resource_id)
    where item.next_at <= now() and (item.leased_until is null or item.leased_until < now())
        -- A deletion ends soon and waits for nobody.
        and (due.deleted or $6::bigint is null or due.places <= $6)
    order by due.turn, due.next_at, item.resource_id
    limit $2
    for update of item skip locked
), numbered as (
    select org_id, resource_id, row_number() over (order by turn, next_at, resource_id) as place from picked
), leased as (
    update plinth.work_items item
    set lease_epoch = item.lease_epoch + 1, leased_by = $3, leased_until = now() + $5 * interval '1 second',
        token_hash = ($4::bytea[])[numbered.place], delivered_generation = item.generation, attempts = item.attempts + 1
    from numbered
    where item.org_id = numbered.org_id and item.resource_id = numbered.resource_id
    returning item.org_id, item.resource_id, item.lease_epoch, item.leased_until, item.attempts, numbered.place
)
select resource.*, leased.lease_epoch, leased.leased_until, leased.attempts, leased.place
from leased
join plinth.resources resource on resource.org_id = leased.org_id and resource.id = leased.resource_id
order by leased.place
