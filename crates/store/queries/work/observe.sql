update plinth.work_items
set observed_generation = greatest(observed_generation, $3)
where org_id = $1 and resource_id = $2
returning resource_id
