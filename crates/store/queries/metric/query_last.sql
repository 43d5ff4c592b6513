with series as (
    select id, {key} as key
    from plinth.metric_series
    where org_id = $1 and name = $2 and ($3::uuid is null or resource_id = $3) and labels @> $4
), bucketed as (
    -- The newest point of the bucket; of several at one moment the largest.
    select distinct on (series.key, {bucket}) series.key, {bucket} as at, point.value
    from series
    join plinth.metric_points point on point.org_id = $1 and point.series_id = series.id
    where point.at >= $5 and point.at < $6
    order by series.key, {bucket}, point.at desc, point.value desc
    limit $9
)
select key, array_agg(at order by at) as times, array_agg(value order by at) as readings
from bucketed
group by key
order by key
