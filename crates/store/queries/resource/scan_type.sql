select * from plinth.resources
where type = $1 and (deleted_at is null or ($4 and finalized_at is null)) and ($2::uuid is null or (org_id, id) > ($2, $3))
order by org_id, id
limit 500
