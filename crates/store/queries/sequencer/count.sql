insert into plinth.resource_counts (org_id, kind, live)
select org_id, kind, sum(plinth.live_delta(operation))
from unnest($1::uuid[], $2::text[], $3::text[]) as event (org_id, kind, operation)
group by org_id, kind
having sum(plinth.live_delta(operation)) <> 0
on conflict (org_id, kind) do update set live = plinth.resource_counts.live + excluded.live
