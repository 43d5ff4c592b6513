update plinth.work_items
set leased_by = null, leased_until = null, token_hash = null,
    observed_generation = greatest(observed_generation, $3),
    attempts = case when $4::double precision is null then 0 else attempts end,
    next_at = case
        when generation > $3 then now()
        when $4 is null then 'infinity'
        else now() + $4 * interval '1 second'
    end
where org_id = $1 and token_hash = $2 and leased_until > now()
returning resource_id
