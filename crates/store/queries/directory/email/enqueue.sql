insert into plinth.emails (id, recipient, subject, body) values ($1, $2, $3, $4) returning id
