select plan, (quotas ->> 'sql-logins')::bigint as quota, plinth.has_room_for_login() as has_room,
    current_setting('max_prepared_transactions')::int > 0 as keeps_transactions
from plinth.orgs where org_id = $1 for no key update
