-- What `secrets` knows of a session: its quota and its calls. The provider's name of a call stays where it is.
select jsonb_strip_nulls(jsonb_build_object(
    'quota', (
        select jsonb_build_object(
            'started_at', started_at,
            'allowed_ms', allowed_ms,
            'direct_calls', calls,
            're_dials', cardinality(re_dials),
            'finalized_at', finalized_at,
            'duration_ms', duration_ms
        )
        from session_quota where session_id = $1
    ),
    'client_secrets', (
        select jsonb_agg(jsonb_build_object(
            'mint_id', mint_id,
            'exchange', exchange,
            'minted_at', minted_at,
            'expires_at', expires_at,
            'used_at', used_at,
            'revoked_at', revoked_at
        ) order by mint_id)
        from client_secret where session_id = $1
    ),
    'calls', (
        select jsonb_agg(jsonb_build_object(
            'mint_id', mint_id,
            'opened_at', opened_at,
            'ends_by', ends_by,
            'ended_at', ended_at,
            'reason', reason,
            'hung_up_at', hung_up_at
        ) order by mint_id)
        from call where session_id = $1
    ),
    'erased_at', (select erased_at from erased_session where session_id = $1),
    'jobs', (
        select jsonb_agg(to_jsonb(job) order by run_at)
        from job
        where subject = $1::text or subject in (select mint_id::text from call where session_id = $1)
    )
))
