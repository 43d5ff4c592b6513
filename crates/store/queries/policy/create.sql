with made as (
    insert into plinth.policies (org_id, id, name, description, text, created_by, updated_by)
    values ($1, $2, $3, $4, $5, $6, $6)
    returning *
), noted as (
    insert into plinth.policy_versions (org_id, policy_id, version, name, description, text, changed_by)
    select org_id, id, version, name, description, text, updated_by from made
)
select * from made
