update plinth.work_items
set leased_until = now() + $3 * interval '1 second'
where org_id = $1 and token_hash = $2 and leased_until > now()
returning resource_id, type as type_name, lease_epoch, leased_until, leased_by, generation
