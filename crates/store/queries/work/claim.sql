with due as materialized (
    select org_id, resource_id, next_at,
        row_number() over (partition by org_id order by next_at, resource_id) as turn
    from plinth.work_items
    where type = any ($1::text[]) and next_at <= now() and (leased_until is null or leased_until < now())
), picked as materialized (
    -- The conditions stand here again: a row that somebody else has just claimed is looked at anew, `due` is not.
    select item.org_id, item.resource_id, due.turn, due.next_at
    from plinth.work_items item
    join due using (org_id, resource_id)
    where item.next_at <= now() and (item.leased_until is null or item.leased_until < now())
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
