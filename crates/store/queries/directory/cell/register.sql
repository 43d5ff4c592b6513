insert into plinth.cells (name, region) values ($1, $2) on conflict (name) do update set region = excluded.region
