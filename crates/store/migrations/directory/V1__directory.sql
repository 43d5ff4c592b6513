-- The directory: who can log in, and where each org lives. It is small, global, and holds nothing that an org owns.
create schema plinth;
grant usage on schema plinth to plinth_api, plinth_system;

-- The directory's own name. Each cell notes it, so that two installations cannot take one database for their own.
create table plinth.directory (
    only_row boolean primary key default true check (only_row),
    id uuid not null default gen_random_uuid()
);
insert into plinth.directory default values;

create table plinth.cells (
    name text primary key,
    region text not null,
    created_at timestamptz not null default now()
);

create table plinth.orgs (
    id uuid primary key,
    slug text not null unique,
    cell text not null references plinth.cells,
    -- `creating` until the org's cell has it; a sweep finishes or forgets what a crash left behind.
    state text not null check (state in ('creating', 'active')),
    -- What it takes to finish an interrupted creation: {"name": ..., "plan": ...}. Afterwards the cell knows it alone.
    creation jsonb check ((state = 'creating') = (creation is not null)),
    created_by uuid not null,
    created_at timestamptz not null default now()
);

create table plinth.users (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text not null,
    password_hash text not null,
    email_verified_at timestamptz,
    created_at timestamptz not null default now()
);

-- Wrong passwords in a row, by the SHA-256 of the e-mail address: an address that nobody has is locked out like any other,
-- so that a lock does not tell which ones exist.
create table plinth.login_failures (
    email_hash bytea primary key,
    failed_count integer not null,
    last_at timestamptz not null default now(),
    locked_until timestamptz
);

-- A hint, never an authority: the orgs in whose cell to look for a membership of this user.
create table plinth.org_users (
    user_id uuid not null references plinth.users on delete cascade,
    org_id uuid not null references plinth.orgs on delete cascade,
    primary key (user_id, org_id)
);
create index org_users_org on plinth.org_users (org_id);

create table plinth.sessions (
    id uuid primary key,
    user_id uuid not null references plinth.users on delete cascade,
    token_hash bytea not null unique,
    kind text not null check (kind in ('cookie', 'bearer')),
    user_agent text not null,
    address text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index sessions_user on plinth.sessions (user_id);

-- Single-use secrets that travel by e-mail.
create table plinth.email_tokens (
    token_hash bytea primary key,
    user_id uuid not null references plinth.users on delete cascade,
    purpose text not null check (purpose in ('verify', 'reset')),
    expires_at timestamptz not null
);
create index email_tokens_user on plinth.email_tokens (user_id, purpose);

-- Outgoing mail, written with the change that causes it and sent by a background task.
create table plinth.emails (
    id uuid primary key,
    recipient text not null,
    subject text not null,
    body text not null,
    created_at timestamptz not null default now(),
    next_at timestamptz not null default now(),
    attempts integer not null default 0,
    last_error text,
    sent_at timestamptz,
    -- Given up: the address does not exist, or nobody took the message for days.
    failed_at timestamptz
);
create index emails_due on plinth.emails (next_at) where sent_at is null and failed_at is null;
create index emails_age on plinth.emails (created_at);

-- Credentials of the business itself: operators apply the product, reconcilers claim work.
create table plinth.operator_tokens (
    token_hash bytea primary key,
    name text not null unique,
    kind text not null check (kind in ('operator', 'reconciler')),
    created_at timestamptz not null default now()
);

create table plinth.products (
    revision bigint primary key,
    -- As text, so that the fields keep the order in which the builder wrote them: forms show them in it.
    document json not null,
    applied_by text not null,
    applied_at timestamptz not null default now()
);

create table plinth.idempotency_keys (
    actor_id text not null,
    key text not null,
    request_hash bytea not null,
    body jsonb not null,
    created_at timestamptz not null default now(),
    primary key (actor_id, key)
);

grant select, insert, update, delete on all tables in schema plinth to plinth_api, plinth_system;
