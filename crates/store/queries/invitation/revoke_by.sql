delete from plinth.invitations
where org_id = $1 and invited_by ->> 'id' = $2 and accepted_at is null
returning id
