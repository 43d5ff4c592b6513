-- What is unusual about the logins of users. Signals are kept where the orgs are; here they wait to be told to the orgs
-- of their user.

-- Browsers and programs that each user has logged in with, without their versions.
create table plinth.known_devices (
    user_id uuid not null references plinth.users on delete cascade,
    device text not null,
    last_at timestamptz not null default now(),
    primary key (user_id, device)
);
create index known_devices_age on plinth.known_devices (last_at);

create table plinth.login_signals (
    id uuid primary key,
    user_id uuid not null references plinth.users on delete cascade,
    kind text not null check (kind in ('failed_login', 'new_device')),
    detail jsonb not null,
    at timestamptz not null default now()
);
create index login_signals_user on plinth.login_signals (user_id);

grant select, insert, update, delete on plinth.known_devices, plinth.login_signals to plinth_api, plinth_system;
