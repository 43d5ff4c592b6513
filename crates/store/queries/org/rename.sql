update plinth.orgs set name = $2 where org_id = $1
returning org_id as id, slug, name, plan, created_at
