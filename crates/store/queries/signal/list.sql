select id, principal, kind, detail, weight, at, counts_until
from plinth.signals
where org_id = $1 and ($2::text is null or principal = $2) and ($3::timestamptz is null or (at, id) < ($3, $4::uuid))
order by at desc, id desc
limit $5
