update plinth.resources
set properties = $3, owner = $8, spec = $4, secrets = $5, version = version + 1, updated_at = now(),
    generation = generation + case when $6 then 1 else 0 end
where org_id = $1 and id = $2
    and exists (select from plinth.resource_types declared where declared.name = type and declared.revision = $7)
returning *
