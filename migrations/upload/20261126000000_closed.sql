-- Sound may come long after its session: whoever practised opens the page again weeks later, and it still has what it
-- could not send. After thirty days what there is stays as it is, so that a session is over at some time.
create function is_closed(session uuid) returns boolean
    language sql stable
    return exists (
        select from ending where subject_id = session and ended_at < now() - interval '30 days'
    );
