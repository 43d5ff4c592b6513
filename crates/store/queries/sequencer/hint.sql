select pg_notify(plinth.channel('events'), $1)
