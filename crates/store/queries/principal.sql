select set_config('plinth.principal', $1, true)
