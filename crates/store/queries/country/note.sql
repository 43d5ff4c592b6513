insert into plinth.country_file (digest) values ($1)
on conflict (only_row) do update set digest = excluded.digest, loaded_at = excluded.loaded_at
