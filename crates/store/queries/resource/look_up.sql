-- As list.sql, by the properties that the actor's policies ask for, as long as these lead to few resources. What is looked
-- up is judged like any other row.
with wanted as materialized (
    select plinth.labels_of('resources:view') as labels
), found as materialized (
    select resource.resource_id
    from wanted
    cross join unnest(wanted.labels) as wanted_label (label)
    cross join lateral (
        select resource_id
        from plinth.resource_labels labelled
        where labelled.org_id = $1 and labelled.label = wanted_label.label
        order by labelled.org_id, labelled.label, labelled.resource_id
        limit 1001
    ) as resource
), way as materialized (
    select wanted.labels is not null and (select count(*) from found) <= 1000 as looks_up from wanted
)
select * from (
    (select looked_up.*
    from (select distinct resource_id from found where (select looks_up from way)) as few
    cross join lateral (
        select * from plinth.resources where org_id = $1 and id = few.resource_id offset 0
    ) as looked_up
    where {matches}
    order by {column} {direction}, id {direction}
    limit $8)
    union all
    (select *
    from plinth.resources
    where (select not looks_up from way)
    and org_id = $1
    and {matches}
    order by {column} {direction}, id {direction}
    limit $8)
) as page
order by {column} {direction}, id {direction}
limit $8
