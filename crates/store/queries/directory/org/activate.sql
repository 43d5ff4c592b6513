update plinth.orgs set state = 'active', creation = null where id = $1 returning id
