-- An event takes effect once: its id is written here in the transaction of its effect.
create table inbox (
    consumer text not null,
    event_id uuid not null,
    handled_at timestamptz not null default now(),
    primary key (consumer, event_id)
);

-- Events that can never be handled as they are, kept until an operator looks at them.
create table dead_letter (
    dead_letter_id bigint generated always as identity primary key,
    consumer text not null,
    event_id uuid not null,
    subject text not null,
    payload bytea not null,
    traceparent text,
    reason text not null,
    died_at timestamptz not null default now(),
    replayed_at timestamptz,
    constraint one_dead_letter_per_event unique (consumer, event_id)
);
