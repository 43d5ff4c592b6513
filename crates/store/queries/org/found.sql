with founded as (
    insert into plinth.orgs (org_id, slug, name, plan) values ($1, $2, $3, $4)
    on conflict (org_id) do nothing
    returning org_id
)
-- Only with the org itself: a repeated step must not bring back an owner who has left since.
insert into plinth.memberships (org_id, user_id, email, name, roles)
select org_id, $5, $6, $7, array['owner'] from founded
returning org_id
