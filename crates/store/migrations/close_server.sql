-- Of a server that is Plinth's alone: nobody but superusers has business in these.
revoke connect, temporary on database postgres, template1 from public;
