with changed as (
    update plinth.policies
    set name = $3, description = $4, text = $5, version = version + 1, updated_by = $6, updated_at = now()
    where org_id = $1 and id = $2
    returning *
), noted as (
    insert into plinth.policy_versions (org_id, policy_id, version, name, description, text, changed_by)
    select org_id, id, version, name, description, text, updated_by from changed
)
select * from changed
