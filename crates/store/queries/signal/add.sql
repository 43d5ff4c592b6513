-- Only of those who are members by now.
select plinth.add_signal($1, noted.id, $2, noted.kind, noted.detail, noted.at)
from unnest($4::uuid[], $5::text[], $6::jsonb[], $7::timestamptz[]) as noted (id, kind, detail, at)
where exists (select from plinth.memberships where org_id = $1 and user_id = $3)
