-- Hours and weekdays that policies ask for are those of the org's time zone.
create or replace function plinth.circumstances() returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    here timestamp := statement_timestamp() at time zone coalesce(
        (select o.time_zone from plinth.orgs o where o.org_id = plinth.current_org()), 'UTC');
    signals jsonb := case when plinth.by_sql() then plinth.sql_context()
        else coalesce(nullif(current_setting('plinth.context', true), '')::jsonb, '{}') end;
begin
    return signals || jsonb_build_object(
        'time', floor(extract(epoch from statement_timestamp()) * 1000)::bigint,
        'local', jsonb_build_object(
            'hour', extract(hour from here)::int,
            'minute', extract(minute from here)::int,
            'weekday', trim(to_char(here, 'day'))));
end
$$;
