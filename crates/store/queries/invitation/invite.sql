with invited as (
    insert into plinth.invitations as open (org_id, id, email, roles, token_hash, invited_by, expires_at)
    values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
    on conflict (org_id, email) where accepted_at is null do update
    set roles = excluded.roles, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
        expires_at = excluded.expires_at
    returning id, email, roles, invited_by, created_at, expires_at, accepted_at
), owed as (
    insert into plinth.invitation_mails (org_id, invitation_id) select $1, id from invited
    on conflict (org_id, invitation_id) do update set due_at = excluded.due_at
)
select * from invited
