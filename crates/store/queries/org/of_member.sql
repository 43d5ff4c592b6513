select org.org_id as id, org.slug, org.name, org.plan, org.time_zone, org.created_at, member.roles
from plinth.memberships member
join plinth.orgs org on org.org_id = member.org_id
where member.org_id = $1 and member.user_id = $2
