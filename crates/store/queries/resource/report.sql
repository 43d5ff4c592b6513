update plinth.resources
set status = $3, updated_at = now()
where org_id = $1 and id = $2 and status is distinct from $3
returning id
