select item.resource_id, item.type as type_name, item.lease_epoch, item.leased_until, item.leased_by, item.generation
from plinth.work_items item
where item.org_id = $1 and item.token_hash = $2 and item.leased_until > now()
for share
