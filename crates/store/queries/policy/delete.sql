with gone as (
    delete from plinth.policies where org_id = $1 and id = $2 returning *
), noted as (
    insert into plinth.policy_versions (org_id, policy_id, version, name, description, text, changed_by)
    select org_id, id, version + 1, name, description, null, $3 from gone
)
select * from gone
