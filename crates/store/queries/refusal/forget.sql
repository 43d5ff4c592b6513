delete from plinth.refusals where last_at < now() - interval '7 days' returning count
