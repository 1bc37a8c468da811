-- Who may open a realtime call now, and at what cost.

-- What a learner has used lately. Whatever changes what a learner uses locks this row first, on whichever replica,
-- so that two requests at once cannot both take the last call. What is counted here outlives the session it was
-- counted for: deleting a session must not give its calls or minutes back.
create table learner_allowance (
    learner_id uuid primary key,
    -- When the latest first calls of sessions were asked for.
    first_calls timestamptz[] not null default '{}',
    -- The day, in UTC, `erased_ms` counts for.
    erased_on date,
    -- What sessions that counted for that day had used when they were deleted.
    erased_ms bigint not null default 0
);

-- What one session uses of its learner's day. Opened by whoever comes first: session.started, session.finalized or
-- the first mint.
create table session_quota (
    session_id uuid primary key,
    learner_id uuid not null,
    started_at timestamptz not null,
    -- How long one call may take; null until there was one.
    allowed_ms bigint,
    -- Secrets that were minted, each for one call.
    calls integer not null default 0,
    -- When the latest calls after the first were asked for.
    re_dials timestamptz[] not null default '{}',
    finalized_at timestamptz,
    duration_ms bigint,
    constraint quota_closed_whole check ((finalized_at is null) = (duration_ms is null)),
    constraint quota_calls_allowed check (calls = 0 or allowed_ms is not null)
);

-- Every mint sums what counts for the day: open sessions, and those finalized since midnight.
create index session_quota_day on session_quota (learner_id, finalized_at);
-- Rows closed long ago are forgotten.
create index session_quota_age on session_quota (finalized_at);

-- A client secret as far as we keep it: enough to recognise it and to refuse it, not to use it.
create table client_secret (
    mint_id uuid primary key,
    session_id uuid not null references session_quota on delete cascade,
    learner_id uuid not null,
    secret_sha256 bytea not null constraint one_row_per_secret unique
        constraint secret_hash_length check (octet_length(secret_sha256) = 32),
    minted_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);

create index client_secret_of_session on client_secret (session_id);

-- Sessions that were deleted, so that an event or a mint that comes late revives nothing. Kept longer than any
-- event is (7 days), then forgotten.
create table erased_session (
    session_id uuid primary key,
    erased_at timestamptz not null
);

create index erased_session_age on erased_session (erased_at);
