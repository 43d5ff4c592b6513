-- An org and the principals in it.
create table plinth.orgs (
    org_id uuid primary key,
    slug text not null,
    name text not null,
    plan text not null,
    -- Limits that differ from the plan's: {"pipelines": 200}.
    quotas jsonb not null default '{}',
    created_at timestamptz not null default now()
);
call plinth.protect('plinth.orgs');
create trigger capture after insert or update or delete on plinth.orgs
    for each row execute function plinth.capture('org', 'org_id', 'slug');

create table plinth.memberships (
    org_id uuid not null references plinth.orgs on delete cascade,
    user_id uuid not null,
    email text not null,
    name text not null,
    roles text[] not null check (cardinality(roles) > 0),
    attributes jsonb not null default '{}',
    created_at timestamptz not null default now(),
    primary key (org_id, user_id)
);
call plinth.protect('plinth.memberships');
create trigger capture after insert or update or delete on plinth.memberships
    for each row execute function plinth.capture('member', 'user_id', 'email');

create table plinth.invitations (
    org_id uuid not null references plinth.orgs on delete cascade,
    id uuid not null,
    email text not null,
    roles text[] not null check (cardinality(roles) > 0),
    token_hash bytea not null,
    invited_by jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    accepted_at timestamptz,
    primary key (org_id, id)
);
create unique index invitations_token on plinth.invitations (org_id, token_hash);
create unique index invitations_open on plinth.invitations (org_id, email) where accepted_at is null;
call plinth.protect('plinth.invitations');
create trigger capture after insert or update or delete on plinth.invitations
    for each row execute function plinth.capture('invitation', 'id', 'email', 'token_hash');

-- Invitations whose mail has not been handed to the directory's outbox yet: written with the invitation, removed after
-- the mail, so that a crash between the two databases leaves no invitation silently without mail.
create table plinth.invitation_mails (
    org_id uuid not null,
    invitation_id uuid not null,
    due_at timestamptz not null default now(),
    primary key (org_id, invitation_id),
    foreign key (org_id, invitation_id) references plinth.invitations on delete cascade
);
call plinth.protect('plinth.invitation_mails');

create table plinth.service_accounts (
    org_id uuid not null references plinth.orgs on delete cascade,
    id uuid not null,
    name text not null,
    roles text[] not null check (cardinality(roles) > 0),
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (org_id, id)
);
create unique index service_accounts_name on plinth.service_accounts (org_id, name);
call plinth.protect('plinth.service_accounts');
create trigger capture after insert or update or delete on plinth.service_accounts
    for each row execute function plinth.capture('service_account', 'id', 'name');

create table plinth.service_account_tokens (
    org_id uuid not null,
    id uuid not null,
    service_account_id uuid not null,
    name text not null,
    token_hash bytea not null,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, service_account_id) references plinth.service_accounts on delete cascade
);
create unique index service_account_tokens_hash on plinth.service_account_tokens (org_id, token_hash);
create index service_account_tokens_account on plinth.service_account_tokens (org_id, service_account_id);
call plinth.protect('plinth.service_account_tokens');
create trigger capture after insert or update or delete on plinth.service_account_tokens
    for each row execute function plinth.capture('token', 'id', 'name', 'token_hash');

-- Data keys, each wrapped by the key-encryption key that the operator keeps outside the database.
create table plinth.org_keys (
    org_id uuid not null references plinth.orgs on delete cascade,
    id uuid not null,
    wrapped_key bytea not null,
    created_at timestamptz not null default now(),
    primary key (org_id, id)
);
call plinth.protect('plinth.org_keys');

-- What a POST with this key answered, so that a repeated request gets the same answer.
create table plinth.idempotency_keys (
    org_id uuid not null,
    actor_id text not null,
    key text not null,
    request_hash bytea not null,
    body jsonb,
    created_at timestamptz not null default now(),
    primary key (org_id, actor_id, key)
);
create index idempotency_keys_age on plinth.idempotency_keys (org_id, created_at);
call plinth.protect('plinth.idempotency_keys');
