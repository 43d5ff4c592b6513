select * from plinth.resources where org_id = $1 and type = $2 and name = $3 and deleted_at is null for update
