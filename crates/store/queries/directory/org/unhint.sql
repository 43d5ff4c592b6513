delete from plinth.org_users where user_id = $1 and org_id = $2 returning org_id
