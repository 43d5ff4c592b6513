with series as (
    select id, {key} as key
    from plinth.metric_series
    where org_id = $1 and name = $2 and ($3::uuid is null or resource_id = $3) and labels @> $4
), step as (
    select series.key, point.at, point.value - lag(point.value) over (partition by series.id order by point.at) as delta
    from series
    cross join lateral (
        -- The point before the window is what the first one in it has grown from.
        (select at, value from plinth.metric_points
        where org_id = $1 and series_id = series.id and at < $5 order by at desc limit 1)
        union all
        (select at, value from plinth.metric_points
        where org_id = $1 and series_id = series.id and at >= $5 and at < $6)
    ) point
), bucketed as (
    -- A counter that went down was reset: that step tells nothing.
    select point.key, {bucket} as at, sum(greatest(point.delta, 0)) / $7 as value
    from step point
    where point.at >= $5 and point.delta is not null
    group by 1, 2
    limit $9
)
select key, array_agg(at order by at) as times, array_agg(value order by at) as readings
from bucketed
group by key
order by key
