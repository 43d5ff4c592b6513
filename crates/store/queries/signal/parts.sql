select kind, points, counts_until from plinth.risk_parts($1, $2, null) order by points desc, kind
