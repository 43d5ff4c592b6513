insert into plinth.policy_compiler (fingerprint) values ($1)
on conflict (only_one) do update set fingerprint = excluded.fingerprint
returning fingerprint
