select *
from plinth.resources
where org_id = $1
    and {matches}
order by {column} {direction}, id {direction}
limit $8
