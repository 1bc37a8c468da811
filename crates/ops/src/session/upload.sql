-- What `upload` knows of a session: its recording and the takes it is made of. What their sender says of them, and where
-- they lie, stays where it is.
select jsonb_strip_nulls(jsonb_build_object(
    'expected', (
        select jsonb_build_object('recording_policy', recording_policy, 'noted_at', noted_at)
        from expectation where subject_id = $1
    ),
    'ended_at', (select ended_at from ending where subject_id = $1),
    'media', (
        select jsonb_agg(jsonb_build_object(
            'medium_id', medium_id,
            'state', state,
            'container', container,
            'from_takes', from_takes,
            'revision', revision,
            'bytes', bytes,
            'playable_bytes', playable_bytes,
            'portable_bytes', portable_bytes,
            'duration_ms', duration_ms,
            'channel_layout', channel_layout,
            'warnings', warnings,
            'began_at', began_at,
            'stored_at', stored_at,
            'seen_at', seen_at
        ) order by medium_id)
        from medium where subject_id = $1
    ),
    'takes', (
        select jsonb_agg(jsonb_build_object(
            'take_id', take_id,
            'state', state,
            'start_ms', start_ms,
            'length', length,
            'arrived', arrived,
            'in_parts', in_parts,
            'joined', joined,
            'pieces', (select jsonb_agg(piece.state order by piece.piece) from take_piece piece where piece.take_id = take.take_id),
            'leased_until', leased_until,
            'expires_at', expires_at
        ) order by start_ms, take_id)
        from take where subject_id = $1
    ),
    'leftovers', (select nullif(count(*), 0) from leftover where subject_id = $1),
    'tombstone', (
        select jsonb_build_object('deleted_at', deleted_at, 'erased_at', erased_at)
        from tombstone where subject_id = $1
    ),
    'jobs', (
        select jsonb_agg(to_jsonb(job) order by run_at)
        from job
        where subject = $1::text
           or subject in (
               select medium_id::text from medium where subject_id = $1
               union all
               select take_id::text from take where subject_id = $1
           )
    )
))
