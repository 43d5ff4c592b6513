select id, type as type_name, name from plinth.resources where org_id = $1 and id = any ($2::uuid[])
