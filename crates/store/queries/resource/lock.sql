select * from plinth.resources where org_id = $1 and type = $2 and id = $3 for update
