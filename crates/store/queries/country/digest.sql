select digest from plinth.country_file
