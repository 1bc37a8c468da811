-- Which transaction wrote an event. What was written before the oldest transaction that is still open was seen for good by
-- whoever looks, so the next look may begin after it, and does not pass what was published: while somebody looks at the
-- database as it was minutes ago, no version of a row since then is cleared away.
alter table outbox add column written_in bigint not null default pg_current_xact_id()::text::bigint;

create index outbox_waiting_in on outbox (written_in, event_id) where published_at is null;
drop index outbox_waiting;
alter index outbox_waiting_in rename to outbox_waiting;
