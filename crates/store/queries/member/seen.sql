select user_id as id from plinth.memberships where org_id = $1 and user_id = any ($2::uuid[])
