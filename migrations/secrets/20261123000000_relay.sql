-- The relay: secrets of our own, each good for one call that we make at the provider, and a leash on that call.

alter table client_secret
    -- Whose key it is: the provider's own (direct), or ours (relay).
    add column exchange text not null default 'direct'
        constraint secret_exchange check (exchange in ('direct', 'relay')),
    -- The login it was minted for; nobody else can use it. Null in rows from before there was a relay.
    add column login_id uuid,
    -- When the one call it is for was asked for. The provider's own are used elsewhere.
    add column used_at timestamptz,
    -- How the learner wants to be talked with.
    add column patience text not null default 'patient'
        constraint secret_patience check (patience in ('quick', 'normal', 'patient')),
    add column push_to_talk boolean not null default false,
    -- Null when the level of the lesson decides.
    add column speed real constraint secret_speed check (speed between 0.7::real and 1.3::real);

create index client_secret_of_login on client_secret (login_id);

-- From here on session_quota.calls counts the direct exchange only: calls of which nobody but the browser knows. What
-- a relayed call took is in its own row.

-- A call that we made at the provider, named by the mint that led to it. It ends here first, when somebody decides so,
-- and then at the provider, when a job has hung it up.
create table call (
    mint_id uuid primary key,
    -- All three are forgotten with the session; the row stays until the call is hung up.
    session_id uuid,
    learner_id uuid,
    login_id uuid,
    -- How the provider knows it. Without our key it is worth nothing.
    provider_call text not null,
    opened_at timestamptz not null,
    -- When the budget is used up.
    ends_by timestamptz not null,
    ended_at timestamptz,
    reason text constraint call_reason check (reason in (
        'time_limit', 'finalized', 'deleted', 'signed_out', 'replaced', 'abandoned')),
    hung_up_at timestamptz,
    constraint call_ended_whole check ((ended_at is null) = (reason is null)),
    constraint call_ends_before_it_is_hung_up check (hung_up_at is null or ended_at is not null),
    constraint call_belongs_or_is_over check (session_id is not null or ended_at is not null)
);

-- No client can hold two.
create unique index one_live_call_per_session on call (session_id) where ended_at is null;
-- Every mint sums what calls took today.
create index call_of_session on call (session_id);
create index call_of_login on call (login_id) where ended_at is null;
-- Calls of long ago are forgotten.
create index call_age on call (ends_by);

-- Logins that ended, so that a mint or a call that was under way then comes to nothing. Kept longer than any token.
create table ended_login (
    login_id uuid primary key,
    ended_at timestamptz not null
);

create index ended_login_age on ended_login (ended_at);
