insert into plinth.orgs (id, slug, cell, state, created_by)
select $1, $2, cell.name, 'creating', $3
from plinth.cells cell
left join plinth.orgs org on org.cell = cell.name
group by cell.name
order by count(org.id), cell.name
limit 1
returning cell
