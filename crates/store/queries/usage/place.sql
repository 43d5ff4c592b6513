select at, source, id
from plinth.usage_records
where {wanted}
order by at desc, source desc, id desc
offset $10
limit 1
