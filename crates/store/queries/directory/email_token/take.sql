with taken as (
    delete from plinth.email_tokens where token_hash = $1 and purpose = $2 returning user_id, expires_at
)
select user_id from taken where expires_at > now()
