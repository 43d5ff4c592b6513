select pg_try_advisory_lock(hashtext('plinth.sequencer')) as leads
