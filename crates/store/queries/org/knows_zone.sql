select name from pg_timezone_names where name = $1
