select 1
from plinth.resource_refs ref
join plinth.resources origin on origin.org_id = ref.org_id and origin.id = ref.from_id
where ref.org_id = $1 and ref.to_id = $2 and origin.deleted_at is null
limit 1
