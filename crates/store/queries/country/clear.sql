delete from plinth.countries
