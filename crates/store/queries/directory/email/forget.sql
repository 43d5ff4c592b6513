delete from plinth.emails
where created_at < now() - interval '30 days' and (sent_at is not null or failed_at is not null)
returning id
