-- One practice of one learner. What the topic said on that day stays with the session, so that neither an edit of the
-- topic nor a silent catalogue changes or stops what has begun.
--
-- A deleted session has no row here: every query that asks for one then answers as if it had never been.
create table session (
    session_id uuid primary key,
    learner_id uuid not null,
    recording_policy text not null
        constraint session_recording_policy check (recording_policy in ('keep', 'never')),
    topic_id uuid not null,
    topic_title text not null,
    topic_level text not null,
    topic_kind text not null,
    topic_minutes integer not null,
    topic_situation text not null,
    topic_phrases text[] not null,
    lesson_json text not null,
    -- Whether the live transcript holds every word as it was said; the practice coach's is approximate.
    verbatim boolean not null,
    traceparent text,
    started_at timestamptz not null,
    -- The following are null together, while the session is open.
    finalized_at timestamptz,
    duration_ms integer,
    end_reason text constraint session_end_reason
        check (end_reason in ('learner', 'coach', 'time_limit', 'connection_lost', 'microphone_lost')),
    warnings text[],
    -- SHA-256 of what was sealed, as it was sent: the same again is the same answer, anything else is refused.
    fingerprint bytea,
    constraint session_finalized_as_a_whole
        check (num_nulls(finalized_at, duration_ms, end_reason, warnings, fingerprint) in (0, 5))
);

-- A learner practises one thing at a time: the realtime call, its recording and its rating hang off the open session,
-- so a second one would split the evidence.
create unique index one_open_session_per_learner on session (learner_id) where finalized_at is null;

-- The history, newest first. Identifiers sort by the time they were minted.
create index session_history on session (learner_id, session_id desc);

-- The words so far of an open session, replaced by each higher revision.
create table draft (
    session_id uuid primary key references session on delete cascade,
    revision integer not null,
    turns jsonb not null
);

-- Sealed words. A later source adds a version; none ever changes.
create table transcript (
    session_id uuid not null references session on delete cascade,
    source text not null constraint transcript_source check (source in ('live')),
    revision integer not null,
    turns jsonb not null,
    primary key (session_id, source, revision)
);

create function transcript_is_immutable() returns trigger language plpgsql as $$
begin
    raise exception 'a sealed transcript never changes' using errcode = 'restrict_violation';
end
$$;

create trigger transcript_is_immutable before update on transcript
    for each row execute function transcript_is_immutable();

-- What upload said about the recording; only a higher revision replaces it.
create table recording (
    session_id uuid primary key references session on delete cascade,
    state text not null constraint recording_state check (state in ('none', 'expected', 'ready')),
    revision integer not null default 0,
    duration_ms integer,
    media_type text,
    channel_layout text,
    warnings text[] not null default '{}'
);

-- How the rating stands, and a copy of the newest one, so that it shows while rating is away.
create table rating (
    session_id uuid primary key references session on delete cascade,
    state text not null constraint rating_state check (state in ('none', 'waiting', 'ready', 'failed')),
    -- Revision that the newest news was about.
    revision integer not null default 0,
    -- Whether that news was a finished rating.
    settled boolean not null default false,
    reason text,
    -- The copy, and its own revision: news of a failure does not take it away.
    rated_revision integer not null default 0,
    rated_at timestamptz,
    findings jsonb not null default '[]'
);

-- A request with a key is carried out once. A deleted session leaves no trace but the key under which it was started:
-- that request, repeated late, must not start another one.
create table idempotency_key (
    learner_id uuid not null,
    operation text not null,
    key text not null,
    -- SHA-256 of the request.
    fingerprint bytea not null,
    session_id uuid,
    created_at timestamptz not null,
    primary key (learner_id, operation, key)
);

create index idempotency_key_session on idempotency_key (session_id);
create index idempotency_key_age on idempotency_key (created_at);

-- A deleted session whose parts are still being erased elsewhere.
create table tombstone (
    session_id uuid primary key,
    deleted_at timestamptz not null
);

-- A part of a deleted session that is erased.
create table erased_part (
    session_id uuid not null references tombstone on delete cascade,
    part text not null constraint erased_part_part check (part in ('upload', 'rating', 'secrets')),
    primary key (session_id, part)
);

-- Proof that a session was erased everywhere; it names the session only to somebody who knows its id.
create table deletion_receipt (
    session_hash bytea primary key,
    deleted_at timestamptz not null,
    completed_at timestamptz not null
);
