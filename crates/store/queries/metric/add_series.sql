insert into plinth.metric_series (org_id, name, resource_id, labels)
select $1, wanted.name, wanted.resource_id, wanted.labels
from unnest($2::text[], $3::uuid[], $4::jsonb[]) as wanted (name, resource_id, labels)
-- Most batches bring no new series: looking first keeps the identity column from running ahead.
where not exists (
    select from plinth.metric_series known
    where known.org_id = $1 and known.name = wanted.name and known.resource_id = wanted.resource_id
        and known.labels = wanted.labels)
-- One order for all writers, so that they never wait for each other in a circle.
order by 2, 3, 4
on conflict (org_id, name, resource_id, labels) do nothing
