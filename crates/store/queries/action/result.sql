delete from plinth.action_requests where org_id = $1 and id = $2 and result is not null returning result
