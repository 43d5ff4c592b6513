update plinth.resources
set finalized_at = now(), updated_at = now()
where org_id = $1 and id = $2 and deleted_at is not null and finalized_at is null
returning id
