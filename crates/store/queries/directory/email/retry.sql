update plinth.emails set next_at = now() + $2 * interval '1 second', last_error = $3 where id = $1 returning id
