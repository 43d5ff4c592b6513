select id from plinth.directory
