insert into plinth.memberships (org_id, user_id, email, name, roles) values ($1, $2, $3, $4, $5)
on conflict (org_id, user_id) do nothing
returning user_id
