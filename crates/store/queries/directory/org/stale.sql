select org.id, org.slug, org.creation, org.created_by, creator.email, creator.name
from plinth.orgs org
left join plinth.users creator on creator.id = org.created_by
where org.state = 'creating' and org.created_at < now() - $1 * interval '1 second'
order by org.created_at
limit 100
