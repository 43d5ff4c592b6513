-- The hash of an event is shown also to readers from whom policies hide a part of it. The salt goes into the hash and is
-- shown to nobody, so that a guess at what is hidden cannot be tried against it. Events from before have none.
alter table plinth.events add column salt uuid;
