delete from plinth.invitation_mails where org_id = $1 and invitation_id = $2 returning invitation_id
