delete from plinth.bill_lines where org_id = $1 and period = $2
