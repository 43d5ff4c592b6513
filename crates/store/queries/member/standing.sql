select roles, groups, attributes from plinth.memberships where org_id = $1 and user_id = $2
