select pg_try_advisory_xact_lock(hashtext('plinth.countries')) as locked
