select org_id, slug from plinth.orgs where org_id = any ($1::uuid[])
