-- What policies see of the resource that a usage record, a point or a line of the bill is about: its name as well, as the
-- vocabulary has it. The look-up is the one that found its type, so that the name costs nothing more.
create or replace function plinth.about(resource uuid) returns jsonb
    language plpgsql stable security definer parallel safe set search_path = pg_catalog as $$
declare
    kind text;
    called text;
begin
    if resource is null then
        return '{}';
    end if;
    select r.type, r.name into kind, called
    from plinth.resources r where r.org_id = plinth.current_org() and r.id = resource;
    if not found then
        select e.kind, e.subject_name into kind, called from plinth.events e
        where e.org_id = plinth.current_org() and e.subject_id = resource order by e.seq desc limit 1;
    end if;
    kind := coalesce(kind, 'resource');
    return jsonb_build_object('subject', jsonb_strip_nulls(
        jsonb_build_object('type', kind, 'id', plinth.id_text(kind, resource), 'name', called)));
end
$$;

do $$
begin
    execute format('alter policy sight on plinth.bill_lines using (org_id = (select plinth.current_org()) and %s and %s)',
        plinth.judged('''bill:view''', 'plinth.noun_view(''bill'', plinth.org_text(), ''{}'')'),
        plinth.judged('''bill:view''', 'plinth.noun_view(''bill'', coalesce(meter, price) || ''/'' || coalesce(resource, ''none''), '
            'case when resource is null then ''{}'' else jsonb_build_object(''subject'', jsonb_strip_nulls(jsonb_build_object('
            '''type'', regexp_replace(resource, ''_[^_]*$'', ''''), ''id'', resource, ''name'', resource_name))) end)'));
end
$$;
