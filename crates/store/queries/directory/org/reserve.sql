insert into plinth.orgs as org (id, slug, cell, state, creation, created_by)
select $1, $2, place.name, 'creating', $4, $3
from (
    select cell.name
    from plinth.cells cell
    left join plinth.orgs resident on resident.cell = cell.name
    group by cell.name
    order by count(resident.id), cell.name
    limit 1) place
-- The same person tries again what was interrupted: it goes on as the same org.
on conflict (slug) do update set creation = excluded.creation
where org.state = 'creating' and org.created_by = excluded.created_by
returning id, slug, cell, state
