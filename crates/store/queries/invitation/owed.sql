select org_id, invitation_id
from plinth.invitation_mails
where due_at < now() - $1 * interval '1 second'
order by due_at
limit 100
