select id, version, name, text from plinth.policies where org_id = $1 order by id
