select policy_id, version, name, description, text, changed_by, changed_at
from plinth.policy_versions
where org_id = $1 and policy_id = $2 and ($3::bigint is null or version < $3)
order by version desc
limit $4
