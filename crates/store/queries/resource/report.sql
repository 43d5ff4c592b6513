update plinth.resources
set status = $3, observed_generation = greatest(observed_generation, $4), updated_at = now()
where org_id = $1 and id = $2 and (status is distinct from $3 or observed_generation < $4)
returning id
