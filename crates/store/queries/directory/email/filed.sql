update plinth.emails set sent_at = now(), last_error = null where id = $1 returning id
