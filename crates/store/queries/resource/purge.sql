delete from plinth.resources
where (org_id, id) in (
    select r.org_id, r.id
    from plinth.resources r
    left join plinth.resource_types t on t.name = r.type
    where r.deleted_at < now() - $1 * interval '1 second' and (r.finalized_at is not null or t.reconciled is not true)
    limit 500)
returning id
