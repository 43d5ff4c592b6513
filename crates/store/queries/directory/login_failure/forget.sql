delete from plinth.login_failures
where last_at < now() - interval '1 day' and (locked_until is null or locked_until < now())
returning email_hash
