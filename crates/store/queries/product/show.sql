select plinth.show_types($1)
