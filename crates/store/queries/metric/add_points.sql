with added as (
    insert into plinth.metric_points (org_id, series_id, at, value)
    select $1, series.id, point.at, point.value
    from unnest($5::bigint[], $6::timestamptz[], $7::double precision[])
        with ordinality as point (series_place, at, value, place)
    join unnest($2::text[], $3::uuid[], $4::jsonb[])
        with ordinality as wanted (name, resource_id, labels, place) on wanted.place = point.series_place
    join plinth.metric_series series
        on series.org_id = $1 and series.name = wanted.name and series.resource_id = wanted.resource_id
            and series.labels = wanted.labels
    order by series.id, point.at, point.place
    on conflict (org_id, series_id, at) do nothing
    returning 1
)
select count(*) as accepted from added
