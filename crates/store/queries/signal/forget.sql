delete from plinth.signals where at < now() - interval '90 days' returning id
