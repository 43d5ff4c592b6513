select slug, plan, created_at, now() as as_of from plinth.orgs where org_id = $1
