delete from plinth.orgs where id = $1 and state = 'creating' returning id
