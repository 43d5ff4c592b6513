select plinth.end_blocking_sessions() as ended
