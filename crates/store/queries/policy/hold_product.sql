-- Waits for a product that is being applied, and holds the next one off until the transaction ends. As a step of its own,
-- so that what follows sees what was applied.
select pg_advisory_xact_lock_shared(hashtext('plinth.product'))
