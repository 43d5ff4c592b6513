select org_id, id, version, name, text from plinth.policies
where $1::uuid is null or (org_id, id) > ($1, $2)
order by org_id, id
limit 500
