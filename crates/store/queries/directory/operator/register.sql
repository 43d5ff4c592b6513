insert into plinth.operator_tokens (token_hash, name, kind) values ($1, $2, $3)
on conflict (name) do update set token_hash = excluded.token_hash, kind = excluded.kind
returning name
