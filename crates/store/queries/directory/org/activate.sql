update plinth.orgs set state = 'active' where id = $1 returning id
