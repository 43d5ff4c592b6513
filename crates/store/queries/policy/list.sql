select * from plinth.policies
where org_id = $1 and ($2::text is null or name > $2)
order by name
limit $3
