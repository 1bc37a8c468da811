-- A medium is something recorded that was sent here: whose it is, what for, and what about. How it was sent is not
-- written down: one body today, takes over a resumable protocol later, other purposes after that.
create table medium (
    medium_id uuid primary key,
    owner_id uuid not null,
    purpose text not null constraint medium_purpose check (purpose in ('session_recording')),
    -- What it is about: the session of a session's recording. Others may learn their subject later.
    subject_id uuid constraint medium_subject check (subject_id is not null or purpose <> 'session_recording'),
    -- receiving: bytes are on their way. stored: whole and durable. processed: playable forms exist. failed: they could
    -- not be made, the original is what there is. erasing: its session was deleted while it was being processed.
    state text not null
        constraint medium_state check (state in ('receiving', 'stored', 'processed', 'failed', 'erasing')),
    container text not null constraint medium_container check (container in ('webm', 'mp4')),
    -- Where the original and what was made of it lie. Written here before anything is written there, so that
    -- whatever is there can be found and erased.
    raw_key text not null,
    multipart_id text,
    playable_key text,
    portable_key text,
    peaks_key text,
    -- Of the original. Known once its last byte arrived; while still receiving, that means it may be complete there.
    bytes bigint,
    sha256 bytea,
    playable_bytes bigint,
    portable_bytes bigint,
    -- Counts how often it was announced.
    revision integer not null default 0,
    duration_ms integer,
    channel_layout text constraint medium_channel_layout
        check (channel_layout in ('learner_left_coach_right', 'mixed', 'unknown')),
    warnings text[] not null default '{}',
    began_at timestamptz not null,
    stored_at timestamptz,
    -- When the replica that receives it was last alive, on the database's clock.
    seen_at timestamptz not null default now(),
    constraint medium_whole check (state = 'receiving' or (bytes is not null and sha256 is not null))
);

-- A session has one recording, and its owner's requests look it up by the session. Attempts still on their way do not count.
create unique index one_medium_per_subject on medium (purpose, subject_id) where state <> 'receiving';
-- What is about a session is erased with it, attempts included.
create index medium_subject on medium (subject_id);
-- Attempts whose replica died are looked for by their age.
create index medium_receiving on medium (seen_at) where state = 'receiving';

-- What sessions said is coming, so that a recording is accepted while sessions gives no answer.
create table expectation (
    subject_id uuid primary key,
    owner_id uuid not null,
    recording_policy text not null,
    noted_at timestamptz not null
);

-- A deleted session. It outlives everything, so that nothing late revives a recording.
create table tombstone (
    subject_id uuid primary key,
    deleted_at timestamptz not null,
    erased_at timestamptz
);
