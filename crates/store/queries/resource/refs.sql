select ref.pointer, target.*
from plinth.resource_refs ref
join plinth.resources target on target.org_id = ref.org_id and target.id = ref.to_id
where ref.org_id = $1 and ref.from_id = $2
order by ref.pointer
