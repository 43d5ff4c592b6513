select user_id from plinth.memberships where org_id = $1 and user_id <> $2 and 'owner' = any (roles) limit 1
