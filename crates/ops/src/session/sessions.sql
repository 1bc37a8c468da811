-- What `sessions` knows of a session: states, revisions and counts, no words.
select jsonb_strip_nulls(jsonb_build_object(
    'session', (
        select jsonb_build_object(
            'state', case when finalized_at is null then 'open' else 'finalized' end,
            'learner_id', learner_id,
            'topic_id', topic_id,
            'continues', continues,
            'recording_policy', recording_policy,
            'traceparent', traceparent,
            'started_at', started_at,
            'seen_at', seen_at,
            'finalized_at', finalized_at,
            'duration_ms', duration_ms,
            'end_reason', end_reason,
            'warnings', warnings
        )
        from session where session_id = $1
    ),
    'draft', (
        select jsonb_build_object(
            'revision', revision,
            'turns', jsonb_array_length(turns),
            'calls', jsonb_array_length(calls)
        )
        from draft where session_id = $1
    ),
    'transcripts', (
        select jsonb_agg(jsonb_build_object(
            'source', source,
            'revision', revision,
            'turns', jsonb_array_length(turns),
            'calls', jsonb_array_length(calls)
        ) order by source, revision)
        from transcript where session_id = $1
    ),
    'recording', (
        select jsonb_build_object(
            'state', state,
            'revision', revision,
            'duration_ms', duration_ms,
            'media_type', media_type,
            'channel_layout', channel_layout,
            'warnings', warnings
        )
        from recording where session_id = $1
    ),
    'rating', (
        select jsonb_build_object(
            'state', state,
            'revision', revision,
            'reason', reason,
            'rated_revision', rated_revision,
            'rated_at', rated_at,
            'findings', jsonb_array_length(findings)
        )
        from rating where session_id = $1
    ),
    'tombstone', (
        select jsonb_build_object(
            'deleted_at', deleted_at,
            'erased', (select jsonb_agg(part order by part) from erased_part where session_id = $1)
        )
        from tombstone where session_id = $1
    ),
    'receipt', (
        select jsonb_build_object('deleted_at', deleted_at, 'completed_at', completed_at)
        from deletion_receipt where session_hash = sha256(uuid_send($1))
    ),
    'jobs', (select jsonb_agg(to_jsonb(job) order by run_at) from job where subject = $1::text)
))
