select id, slug, cell, state from plinth.orgs where slug = $1
