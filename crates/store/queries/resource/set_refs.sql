with gone as (
    delete from plinth.resource_refs
    where org_id = $1 and from_id = $2 and pointer <> all ($3::text[])
)
insert into plinth.resource_refs (org_id, from_id, pointer, to_id)
select $1, $2, pointer, to_id from unnest($3::text[], $4::uuid[]) as ref (pointer, to_id)
on conflict (org_id, from_id, pointer) do update set to_id = excluded.to_id
returning pointer
