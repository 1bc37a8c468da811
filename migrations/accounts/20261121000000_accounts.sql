-- Who a learner is. The e-mail address is stored as it is compared, in lower case, so that the constraint decides
-- between two registrations of the same address at the same moment.
create table account (
    account_id uuid primary key,
    email text not null,
    display_name text not null,
    password_hash text not null,
    roles text[] not null default '{}',
    created_at timestamptz not null,
    constraint account_email_unique unique (email),
    constraint account_email_normalised check (email = lower(email) and length(email) <= 254)
);

-- One sign-in on one browser. Whoever reads this table cannot sign in with it: only the secret's hash is kept.
create table login (
    login_id uuid primary key,
    account_id uuid not null references account on delete cascade,
    secret_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint login_secret_unique unique (secret_hash)
);

-- Serves the cascade from account, and the removal of what has expired.
create index login_of_account on login (account_id);
create index login_expiry on login (expires_at);

-- Sign-ins that failed, counted in one place for all replicas. The subject is a hash of an e-mail address or of a
-- client's network address: neither is needed in the clear to count.
create table sign_in_failure (
    subject bytea primary key,
    failures integer not null,
    since timestamptz not null
);

create index sign_in_failure_age on sign_in_failure (since);
