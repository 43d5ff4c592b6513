-- Under its old id, with whom it was first made by and when.
with past as (
    select max(version) as version from plinth.policy_versions where org_id = $1 and policy_id = $2
), first as (
    select changed_by, changed_at from plinth.policy_versions
    where org_id = $1 and policy_id = $2
    order by version
    limit 1
), made as (
    insert into plinth.policies (org_id, id, name, description, text, version, created_by, created_at, updated_by)
    select $1, $2, $3, $4, $5, past.version + 1, first.changed_by, first.changed_at, $6 from past, first
    returning *
), noted as (
    insert into plinth.policy_versions (org_id, policy_id, version, name, description, text, changed_by)
    select org_id, id, version, name, description, text, updated_by from made
)
select * from made
