update plinth.resources
set deleted_at = null, updated_at = now(), generation = generation + 1, version = version + 1
where org_id = $1 and id = $2
    and exists (select from plinth.resource_types declared where declared.name = type and declared.revision = $3)
returning *
