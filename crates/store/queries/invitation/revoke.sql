delete from plinth.invitations where org_id = $1 and id = $2 and accepted_at is null returning id
