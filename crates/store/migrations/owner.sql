do $$
begin
    execute format('grant create on database %I to plinth_owner', current_database());
end
$$;
set role plinth_owner;
create schema if not exists plinth_migrations;
set search_path = plinth_migrations;
set default_transaction_isolation = 'read committed';
