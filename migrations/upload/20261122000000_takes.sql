-- A recording is sent while the learner speaks, in takes: one run of a recorder is one take, and a connection that broke
-- or a page that was closed is followed by another. Takes may end at any byte and go on at any replica, so what of them
-- is durable is written down here, and nowhere else.
create table take (
    take_id uuid primary key,
    owner_id uuid not null,
    -- The session it is a part of the recording of.
    subject_id uuid not null,
    -- Where it begins on the session clock.
    start_ms integer not null constraint take_start check (start_ms >= 0),
    -- What its sender says of it, kept to be handed back.
    metadata text,
    -- How many bytes it will have; unknown as long as the learner speaks.
    length bigint,
    -- How many of them are durable, and how many of these lie in parts; the others are rows of take_tail.
    arrived bigint not null default 0,
    in_parts bigint not null default 0,
    -- How many of them are in the recording.
    joined bigint not null default 0,
    -- open: bytes may come. complete: all came and were read back. gone: terminated, or nothing came for too long.
    state text not null default 'open' constraint take_state check (state in ('open', 'complete', 'gone')),
    -- Whoever writes holds a lease, on this database's clock. Each has a higher token, and only the newest may write.
    fencing_token bigint not null default 0,
    leased_until timestamptz,
    expires_at timestamptz not null,
    constraint take_extent check (in_parts <= arrived and arrived <= length)
);

-- What is about a session is joined, and erased, together.
create index take_subject on take (subject_id);
-- Takes nobody goes on with are looked for by their age.
create index take_expiring on take (expires_at) where state = 'open';

-- A piece of a take is one object in storage. Most takes have one; a take that was given up and then went on has more,
-- because the parts of an object cannot be read before it is put together, and not be added to afterwards.
create table take_piece (
    take_id uuid not null references take on delete cascade,
    piece integer not null,
    object_key text not null,
    multipart_id text,
    -- How many part numbers were handed out. A number is used once: what a writer sends who lost its lease replaces nothing.
    -- Where one came to no part, the piece is closed, because storage may want them without a gap.
    numbers integer not null default 0,
    -- open: parts are added. closed: it has all its parts. sealed: it was put together and read back.
    state text not null default 'open' constraint take_piece_state check (state in ('open', 'closed', 'sealed')),
    primary key (take_id, piece)
);

create unique index one_open_piece_per_take on take_piece (take_id) where state = 'open';

create table take_part (
    take_id uuid not null,
    piece integer not null,
    number integer not null,
    bytes bigint not null,
    sha256 bytea not null,
    etag text,
    crc32 text,
    primary key (take_id, piece, number),
    foreign key (take_id, piece) references take_piece on delete cascade
);

-- Bytes that do not fill a part yet.
create table take_tail (
    take_id uuid not null references take on delete cascade,
    at_byte bigint not null,
    bytes bytea not null,
    primary key (take_id, at_byte)
);

-- Sound is compressed already.
alter table take_tail alter column bytes set storage external;

-- A session that was finalized: its recording is made when its takes are complete, or after a while without them.
create table ending (
    subject_id uuid primary key,
    ended_at timestamptz not null default now()
);

-- What lies in storage, or may, and is nobody's: it is removed when it is due. What is about to be put there is written
-- down here before, and struck off when it becomes part of a recording.
create table leftover (
    object_key text primary key,
    multipart_id text,
    subject_id uuid not null,
    due_at timestamptz not null
);

create index leftover_due on leftover (due_at);
create index leftover_subject on leftover (subject_id);

-- A recording made of takes is made again when another take is complete; one that was sent in one body never is.
alter table medium add column from_takes boolean not null default false;
