-- A server that is late does not put an older revision over a newer one.
with gone as (
    delete from plinth.resource_types where name <> all ($1::text[]) and revision < $4
)
insert into plinth.resource_types (name, plural, reconciled, revision)
select name, plural, reconciled, $4 from unnest($1::text[], $2::text[], $3::boolean[]) as t (name, plural, reconciled)
on conflict (name) do update set plural = excluded.plural, reconciled = excluded.reconciled, revision = excluded.revision
where plinth.resource_types.revision <= excluded.revision
returning name
