select plinth.note_places(login.org_id, plinth.id_text('sa', login.service_account_id), connection.address,
    plinth.country_of(connection.address))
from plinth.sql_connections() connection
join plinth.sql_logins login on login.login = connection.login
