delete from plinth.event_inbox where inbox_id = any ($1::bigint[])
