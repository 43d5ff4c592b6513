select ceil(extract(epoch from locked_until - now()))::bigint as secs
from plinth.login_failures
where email_hash = $1 and locked_until > now()
