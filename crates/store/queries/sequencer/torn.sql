select distinct xid::text as xid from plinth.event_inbox where inbox_id > $1 and xid::text = any ($2::text[])
