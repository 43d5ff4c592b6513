-- Logins of service accounts may connect to this cell.
do $$
begin
    if not has_database_privilege('plinth_sql', current_database(), 'connect') then
        execute format('grant connect on database %I to plinth_sql', current_database());
    end if;
end
$$;
