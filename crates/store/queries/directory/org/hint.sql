insert into plinth.org_users (user_id, org_id) values ($1, $2) on conflict do nothing returning org_id
