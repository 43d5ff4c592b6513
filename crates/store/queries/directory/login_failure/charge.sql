-- Counts the attempt before its password is looked at, so that many at once get no more tries than one after the other.
-- Ten are free; then each locks twice as long as the one before, from a quarter of an hour to 16 hours. A day of peace
-- forgives. No row: locked.
insert into plinth.login_failures as failure (email_hash, failed_count) values ($1, 1)
on conflict (email_hash) do update set
    failed_count = case when failure.last_at < now() - interval '1 day' then 1 else failure.failed_count + 1 end,
    last_at = now(),
    locked_until = case
        when failure.last_at >= now() - interval '1 day' and failure.failed_count + 1 >= 10
        then now() + interval '15 minutes' * power(2, least(failure.failed_count + 1 - 10, 6))
    end
where failure.locked_until is null or failure.locked_until <= now()
returning failed_count
