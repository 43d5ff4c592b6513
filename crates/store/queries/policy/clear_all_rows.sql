delete from plinth.policy_rows returning number
