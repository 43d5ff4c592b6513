select id, recipient, subject, body, attempts, created_at from plinth.emails order by id desc limit 200
