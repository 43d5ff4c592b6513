select plinth.require_quota($1, $2, $3)
