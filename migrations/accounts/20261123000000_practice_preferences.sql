-- How a learner likes to practise. Columns and not a table of their own: every account has them, and they go with it.
alter table account
    add column patience text not null default 'patient',
    add column push_to_talk boolean not null default false,
    -- In hundredths, so that what is read is exactly what was chosen.
    add column coach_speed smallint not null default 100,
    add constraint account_patience_known check (patience in ('quick', 'normal', 'patient')),
    add constraint account_coach_speed_within check (coach_speed between 70 and 130);
