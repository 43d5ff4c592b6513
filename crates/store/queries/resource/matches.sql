type = $2
    and ($3 or deleted_at is null)
    and ($4::text is null or name like '%' || $4 || '%')
    and ($5::jsonpath is null or jsonb_path_match(
        jsonb_build_object('name', name, 'properties', properties, 'spec', spec, 'status', status), $5, silent => true))
    and ($6::text is null or ({column}, id) {comparison} ($6::text::{type}, $7::uuid))
