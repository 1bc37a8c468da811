-- What the blocks of an object in storage hash to. Players ask for pieces of a recording, and storage itself may give
-- back other bytes than it was given: each block is compared before it is given out.
create table object_blocks (
    object_key text primary key,
    -- What it is about: deleted with it.
    subject_id uuid not null,
    -- Eight bytes of the hash of each 64 KiB, one behind the other.
    hashes bytea not null
);

create index object_blocks_subject on object_blocks (subject_id);
