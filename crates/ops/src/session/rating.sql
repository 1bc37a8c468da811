-- What `rating` knows of a session: what it has heard, and what it has answered so far. Of findings it says how many.
select jsonb_strip_nulls(jsonb_build_object(
    'session', (
        select jsonb_build_object(
            'finalized_at', finalized_at,
            'keeps_recording', keeps_recording,
            'recording_revision', recording_revision,
            'requests', requests,
            'rating_revision', rating_revision,
            'answered_recording_revision', answered_recording_revision,
            'answered_requests', answered_requests,
            'deleted_at', deleted_at
        )
        from session where session_id = $1
    ),
    'ratings', (
        select jsonb_agg(jsonb_build_object(
            'revision', revision,
            'provider', provider,
            'rubric_version', rubric_version,
            'rated_at', rated_at,
            'transcript_revision', transcript_revision,
            'recording_revision', recording_revision,
            'measured', (
                select count(finding.value) from finding
                where finding.session_id = rating.session_id and finding.revision = rating.revision
            ),
            'not_measured', (
                select count(finding.not_measured) from finding
                where finding.session_id = rating.session_id and finding.revision = rating.revision
            )
        ) order by revision)
        from rating where session_id = $1
    ),
    'jobs', (select jsonb_agg(to_jsonb(job) order by run_at) from job where subject = $1::text)
))
