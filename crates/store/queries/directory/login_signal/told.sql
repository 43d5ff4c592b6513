delete from plinth.login_signals where id = any ($1::uuid[]) returning id
