(
    select coalesce(jsonb_object_agg(part.name, part.value), '{}')
    from (
        select name, case name when 'resource' then to_jsonb(resource_id) else labels -> name end as value
        from unnest($8::text[]) as name
    ) part
    where part.value is not null
)
