select set_config('plinth.org', $1, true), set_config('plinth.actor', $2, true), set_config('plinth.request_id', $3, true),
    set_config('plinth.principal', $4, true), set_config('plinth.context', $5, true)
