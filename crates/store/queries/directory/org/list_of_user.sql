select org.id, org.slug, org.cell, org.state
from plinth.org_users hint
join plinth.orgs org on org.id = hint.org_id
where hint.user_id = $1 and org.state = 'active' and ($2::text is null or org.slug > $2)
order by org.slug
limit $3
