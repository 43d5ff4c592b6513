org_id = $1
    and ($2::text is null or meter = $2)
    and ($3::uuid is null or resource_id = $3)
    and (not $4 or resource_id is null)
    and ($5::timestamptz is null or at >= $5)
    and ($6::timestamptz is null or at < $6)
    and ($7::timestamptz is null or (at, source, id) < ($7, $8::text, $9::text))
