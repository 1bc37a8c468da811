-- What rating has heard about a session, in whatever order it heard it, and what it has answered so far.
create table session (
    session_id uuid primary key,
    learner_id uuid not null,
    -- Both are null until the session is finalized.
    finalized_at timestamptz,
    keeps_recording boolean,
    -- The newest recording, 0 while there is none.
    recording_revision integer not null default 0,
    -- How often the learner asked for another rating.
    requests bigint not null default 0,
    -- The newest revision given to a rating or to a failure; each outcome takes the next one, so that whoever hears
    -- of both knows which is newer.
    rating_revision integer not null default 0,
    -- What the newest outcome took into account; null until there is one. More than this is a reason to rate again.
    answered_recording_revision integer,
    answered_requests bigint,
    -- Set when the session was deleted. The row stays, so that whatever comes late revives nothing.
    deleted_at timestamptz,
    constraint finalized_as_a_whole check ((finalized_at is null) = (keeps_recording is null)),
    constraint answered_as_a_whole check ((answered_recording_revision is null) = (answered_requests is null))
);

-- How a session went, as often as it was rated. Earlier revisions stay, so that an old one can be explained.
create table rating (
    session_id uuid not null references session (session_id),
    revision integer not null,
    provider text not null,
    rubric_version text not null,
    rated_at timestamptz not null,
    transcript_revision integer not null,
    -- 0 when there was no recording to hear.
    recording_revision integer not null,
    pause_threshold_ms integer not null,
    primary key (session_id, revision)
);

-- One measured or judged fact. A later analysis is more rows, not another table.
create table finding (
    session_id uuid not null,
    revision integer not null,
    ordinal integer not null,
    subject text not null,
    metric text not null,
    unit text not null,
    definition text not null,
    source text not null,
    value double precision,
    not_measured text,
    -- [{"start_ms": …, "end_ms": …}], in time.
    evidence jsonb not null,
    primary key (session_id, revision, ordinal),
    constraint finding_of_a_rating foreign key (session_id, revision) references rating (session_id, revision) on delete cascade,
    -- What was not measured is never zero, and what was measured needs no excuse.
    constraint measured_or_not check ((value is null) <> (not_measured is null))
);
