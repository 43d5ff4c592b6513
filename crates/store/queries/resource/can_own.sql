select 1 where plinth.can_own($1)
