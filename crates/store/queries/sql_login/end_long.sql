select plinth.end_long_sessions()
