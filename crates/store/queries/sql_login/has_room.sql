select plinth.has_room_for_login() as has_room
