select cell from plinth.orgs where id = $1
