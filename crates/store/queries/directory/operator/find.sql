select name, kind from plinth.operator_tokens where token_hash = $1
