delete from plinth.places where last_at < now() - interval '90 days' returning value
