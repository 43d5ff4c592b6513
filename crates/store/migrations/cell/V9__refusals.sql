-- What policies have refused in the last days: so that a draft of a policy can be judged by what was asked for. One row for
-- each hour in which the same was refused.
create table plinth.refusals (
    org_id uuid not null references plinth.orgs on delete cascade,
    -- Text of the id of the user or service account.
    principal text not null,
    -- Such as `pipelines:delete`.
    action text not null,
    -- Id or name of what it was about; empty for what does not exist yet, and for the kind as a whole.
    subject text not null,
    hour timestamptz not null,
    principal_name text not null,
    -- What policies saw of it the last time, and under which circumstances; no view where they did not need it, and
    -- where it is large.
    view jsonb,
    context jsonb not null,
    count bigint not null,
    last_at timestamptz not null,
    primary key (org_id, principal, action, subject, hour)
);
create index refusals_newest on plinth.refusals (org_id, last_at);
call plinth.protect('plinth.refusals');
revoke delete on plinth.refusals from plinth_api;
