with open as (
    select org_id, id, row_number() over (order by created_at, id) as turn
    from (
        select org_id, id, created_at
        from plinth.action_requests
        where type = any ($1::text[]) and claimed_by is null and expires_at > now()
        order by created_at, id
        limit $2
        for update skip locked) candidates
)
update plinth.action_requests request
set claimed_by = $3, token_hash = ($4::bytea[])[open.turn]
from open
where request.org_id = open.org_id and request.id = open.id
returning request.org_id, request.id, request.type, request.action, request.spec, request.secrets, open.turn
