-- Questions that only an agent of the data plane can answer (`check`, `discover`): asked by a request, claimed by an agent.
create table plinth.action_requests (
    org_id uuid not null references plinth.orgs on delete cascade,
    id uuid not null,
    type text not null,
    action text not null,
    spec jsonb not null,
    -- As in plinth.resources: JSON pointer -> base64 of the encrypted value.
    secrets jsonb not null default '{}',
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    claimed_by text,
    token_hash bytea,
    result jsonb,
    primary key (org_id, id)
);
create index action_requests_open on plinth.action_requests (org_id, created_at) where claimed_by is null;
call plinth.protect('plinth.action_requests');
