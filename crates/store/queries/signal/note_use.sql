select plinth.note_use($1, $2, $3) as risk
