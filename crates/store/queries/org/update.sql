update plinth.orgs set name = coalesce($2, name), time_zone = coalesce($3, time_zone) where org_id = $1
returning org_id as id, slug, name, plan, time_zone, created_at
