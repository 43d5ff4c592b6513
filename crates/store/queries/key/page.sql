select org_id, id, wrapped_key
from plinth.org_keys
where (org_id, id) > ($1, $2)
order by org_id, id
limit $3
