-- As text: a sum may have more digits than a decimal of the program, and has to be refused then, not rounded.
select meter, nullif(resource_id, '00000000-0000-0000-0000-000000000000') as resource_id,
    trim_scale(sum(quantity))::text as quantity, sum(record_count)::bigint as record_count
from plinth.usage_rollups
where org_id = $1 and hour >= $2 and hour < $3
group by 1, 2
order by 1, 2 nulls first
