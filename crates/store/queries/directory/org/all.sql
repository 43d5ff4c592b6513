select id, slug, cell, state from plinth.orgs where $1::text is null or slug > $1 order by slug limit $2
