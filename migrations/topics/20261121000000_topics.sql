-- What can be practised. The lesson is kept whole, as the coach gets it; beside it stand the values that the list
-- shows, filters by and searches, so that listing reads no lesson.
create table topic (
    topic_id uuid primary key,
    title text not null,
    summary text not null,
    level text not null,
    kind text not null,
    minutes integer not null,
    goal text not null,
    situation text not null,
    version integer not null,
    lesson jsonb not null,
    search text not null,
    changed_at timestamptz not null,
    constraint topic_level_known check (level in ('A1', 'A2', 'B1', 'B2', 'C1')),
    constraint topic_kind_known check (kind in ('everyday', 'work', 'interview')),
    constraint topic_version_positive check (version > 0)
);

-- Serves the list: a page begins after the last topic of the page before.
create index topic_in_list_order on topic (level, title, topic_id);
