-- What the learner said when they were asked how it was. Said once: what is counted is not taken back.
alter table session add column feedback text;
alter table session add constraint session_feedback check (
    feedback is null or (feedback in ('good', 'fair', 'poor') and finalized_at is not null)
);
