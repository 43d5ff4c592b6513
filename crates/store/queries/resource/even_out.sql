select from plinth.even_out($1, $2, $3)
