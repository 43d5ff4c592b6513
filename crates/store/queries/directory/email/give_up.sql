update plinth.emails set failed_at = now(), body = '', last_error = $2 where id = $1 returning id
