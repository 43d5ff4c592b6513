-- As many as fit, and the one behind: so there is always one. The limit is inside, so that nothing behind it is looked
-- at. A property is looked for in the state that the reader is shown, as `Sight` in crates/control has it.
select org_id, seq, kind, subject_id, subject_name, operation, before, after, actor, request_id, at, hash, size as bytes
from (
    select *, sum(size) over (order by seq {direction} rows unbounded preceding) as total
    from (
        select *, coalesce(bytes, octet_length(concat(before, after))) as size
        from plinth.events
        where org_id = $1
            and seq > $2 and seq <= $9
            and ($3::text[] is null or kind = any ($3))
            and ($4::uuid is null or subject_id = $4)
            and ($5::text[] is null or operation = any ($5))
            and ($6::text is null or actor ->> 'id' = $6)
            and ($7::jsonb is null or (
                select not exists (
                    select from jsonb_array_elements($7) as wanted (choices)
                    where not exists (
                        select from jsonb_array_elements(wanted.choices) as choice (property)
                        where shown.state -> 'properties' @> choice.property))
                from (
                    select coalesce(
                        case when j.everything or jsonb_path_match(
                            plinth.state_view(kind, subject_id, subject_name, after) || (select plinth.org_view()),
                            j.path, j.vars, true) then after end,
                        case when j.everything or jsonb_path_match(
                            plinth.state_view(kind, subject_id, subject_name, before) || (select plinth.org_view()),
                            j.path, j.vars, true) then before end) as state
                    from plinth.judgement('resources:view') j
                    -- Once for an event, however many values are looked for.
                    offset 0) shown))
        order by seq {direction}
        limit $8) found) sized
where total - size < $10
order by seq {direction}
