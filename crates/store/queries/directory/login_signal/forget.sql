-- What no org could be told for a day counts for nothing any more.
delete from plinth.login_signals where at < now() - interval '1 day' returning id
