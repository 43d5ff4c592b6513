delete from plinth.known_devices where last_at < now() - interval '90 days' returning user_id
