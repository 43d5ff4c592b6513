-- A server that is late does not put an older revision over a newer one.
with gone as (
    delete from plinth.resource_types where name <> all ($1::text[]) and revision < $4
), declared as (
    select * from unnest($1::text[], $2::text[], $3::boolean[]) as t (name, plural, reconciled)
), taken_up as (
    -- What exists of a type that had no reconciler until now is work for it.
    insert into plinth.work_items (org_id, resource_id, type, generation)
    select resource.org_id, resource.id, resource.type, resource.generation
    from declared
    join plinth.resource_types known on known.name = declared.name
    join plinth.resources resource on resource.type = declared.name and resource.finalized_at is null
    where declared.reconciled and not known.reconciled and known.revision < $4
    on conflict (org_id, resource_id) do update
    set generation = excluded.generation, next_at = now(), attempts = 0
)
insert into plinth.resource_types (name, plural, reconciled, revision)
select name, plural, reconciled, $4 from declared
on conflict (name) do update set plural = excluded.plural, reconciled = excluded.reconciled, revision = excluded.revision
where plinth.resource_types.revision <= excluded.revision
returning name
