-- Taken for three minutes, longer than any delivery lasts: when this server dies meanwhile, another one tries again.
update plinth.emails
set attempts = attempts + 1, next_at = now() + interval '3 minutes'
where id = (
    select id from plinth.emails
    where sent_at is null and failed_at is null and next_at <= now()
    order by next_at
    limit 1
    for update skip locked
)
returning id, recipient, subject, body, attempts, created_at
