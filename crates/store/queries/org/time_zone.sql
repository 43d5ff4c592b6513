select time_zone from plinth.orgs where org_id = $1
