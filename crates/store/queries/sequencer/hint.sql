select pg_notify('plinth_events', $1)
