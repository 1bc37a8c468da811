-- Slow or failing work. A worker holds a job by a lease on the database's clock; each lease has a higher fencing
-- token, and only the holder of the newest may finish the job.
create table job (
    job_id uuid primary key,
    kind text not null,
    -- What the work is about: at most one job of a kind waits for it.
    subject text not null,
    state text not null default 'waiting' constraint job_state check (state in ('waiting', 'done', 'failed')),
    run_at timestamptz not null default now(),
    -- Counts how often the work was asked for; asked again while it ran, it runs once more.
    wanted bigint not null default 1,
    attempts integer not null default 0,
    fencing_token bigint not null default 0,
    leased_until timestamptz,
    traceparent text,
    last_error text,
    constraint one_job_per_subject unique (kind, subject)
);

-- A worker asks for the next job that is due and not held.
create index job_due on job (kind, run_at) where state = 'waiting';
