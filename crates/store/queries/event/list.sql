select org_id, seq, kind, subject_id, subject_name, operation, before, after, actor, request_id, at, hash
from plinth.events
where org_id = $1
    and seq > $2 and seq <= $9
    and ($3::text[] is null or kind = any ($3))
    and ($4::uuid is null or subject_id = $4)
    and ($5::text[] is null or operation = any ($5))
    and ($6::text is null or actor ->> 'id' = $6)
    and ($7::jsonb is null or not exists (
        select from jsonb_array_elements($7) as wanted (choices)
        where not exists (
            select from jsonb_array_elements(wanted.choices) as choice (property)
            where coalesce(after, before) -> 'properties' @> choice.property)))
order by seq {direction}
limit $8
