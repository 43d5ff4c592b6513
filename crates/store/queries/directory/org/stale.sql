select id, slug, cell, state from plinth.orgs where state = 'creating' and created_at < now() - interval '1 minute' limit 100
