-- An event is a row written in the transaction that caused it; a relay publishes it afterwards. Rows outlive the
-- broker's memory, so that everything of the last days can be said again when the broker lost its disk.
create table outbox (
    event_id uuid primary key,
    subject text not null,
    payload bytea not null,
    traceparent text,
    created_at timestamptz not null default now(),
    published_at timestamptz
);

-- The relay asks for what waits, by state and never by "greater than the last one seen": a transaction that began
-- earlier may commit later.
create index outbox_waiting on outbox (event_id) where published_at is null;
create index outbox_age on outbox (created_at);

-- What each stream looked like when it was last seen. Another creation time, or a shorter stream, is a broker that
-- lost what it was told.
create table outbox_stream (
    stream text primary key,
    created bigint not null,
    last_sequence bigint not null
);
