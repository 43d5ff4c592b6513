-- The first one who asks settles it; the others get what is settled.
insert into plinth.home (directory_id, cell) values ($1, $2)
on conflict (only_row) do update set only_row = excluded.only_row
returning directory_id, cell
