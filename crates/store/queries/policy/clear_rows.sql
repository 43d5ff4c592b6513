delete from plinth.policy_rows where org_id = $1 and policy_id = $2 returning number
