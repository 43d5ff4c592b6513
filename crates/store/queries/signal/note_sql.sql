select plinth.note_place(login.org_id, plinth.id_text('sa', login.service_account_id), 'network',
    plinth.network_of(connection.address),
    jsonb_build_object('network', plinth.network_of(connection.address), 'address', host(connection.address)))
from plinth.sql_connections() connection
join plinth.sql_logins login on login.login = connection.login
