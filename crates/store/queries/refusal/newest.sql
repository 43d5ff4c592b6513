select principal, action, subject, principal_name, view, context, count, last_at
from plinth.refusals
where org_id = $1 and last_at >= $2
order by last_at desc
limit $3
