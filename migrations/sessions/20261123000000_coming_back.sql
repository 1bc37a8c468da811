-- A session knows when its learner was last heard of: what nobody comes back to is sealed from what was saved. By this
-- database's clock, because any replica hears the learner and any replica seals. No index holds the column, so that a
-- heartbeat rewrites one row and nothing else; who looks for abandoned sessions reads the few that are open.
alter table session add column seen_at timestamptz not null default now();

-- The session whose conversation this one goes on with. A deleted one leaves no trace here, either.
alter table session add column continues uuid references session on delete set null;
create index session_continues on session (continues) where continues is not null;

alter table session drop constraint session_end_reason;
alter table session add constraint session_end_reason check (
    end_reason in ('learner', 'coach', 'time_limit', 'connection_lost', 'microphone_lost', 'interrupted')
);

-- The calls of a session on its clock: where one ends and the next begins, nobody could be heard.
alter table draft add column calls jsonb not null default '[]';
alter table transcript add column calls jsonb not null default '[]';
