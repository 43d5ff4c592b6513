select plinth.drop_ended_logins()
