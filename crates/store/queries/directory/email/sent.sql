-- The text goes: it may hold a link that is as good as a password.
update plinth.emails set sent_at = now(), body = '', last_error = null where id = $1 returning id
