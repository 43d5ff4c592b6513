select set_config('plinth.class', $1, true)
