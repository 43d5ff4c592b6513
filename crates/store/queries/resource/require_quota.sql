select plinth.require_quota(
    $1, $2, coalesce((org.quotas ->> declared.plural)::bigint, ($3::jsonb ->> org.plan)::bigint))
from plinth.orgs org
join plinth.resource_types declared on declared.name = $2
where org.org_id = $1
