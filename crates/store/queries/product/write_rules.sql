insert into plinth.sql_types (name, rules, unportable, revision)
select name, rules, unportable, $4 from unnest($1::text[], $2::jsonb[], $3::text[]) as t (name, rules, unportable)
on conflict (name) do update
set rules = excluded.rules, unportable = excluded.unportable, revision = excluded.revision
where plinth.sql_types.revision <= excluded.revision
