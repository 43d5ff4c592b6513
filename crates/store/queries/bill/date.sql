insert into plinth.bill_dates (org_id, as_of) values ($1, now())
on conflict (org_id) do update set as_of = excluded.as_of
