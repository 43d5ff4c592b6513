select current_setting('max_prepared_transactions')::int > 0 as keeps_transactions
