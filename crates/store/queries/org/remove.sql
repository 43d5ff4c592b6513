delete from plinth.orgs where org_id = $1 returning org_id
