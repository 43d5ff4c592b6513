select org_id as id, slug, name, plan, time_zone, created_at from plinth.orgs where org_id = $1
