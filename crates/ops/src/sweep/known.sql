-- Every place in storage that a row of `upload` names, and how many bytes must lie there. Null where nothing need be
-- there, or not yet: what is on its way, what is about to be removed, and what belongs to a deleted session.
with place (object_key, subject_id, bytes) as (
    select raw_key, subject_id, case when state in ('stored', 'processed', 'failed') then bytes end from medium
    union all
    select playable_key, subject_id, case when state = 'processed' then playable_bytes end from medium
    union all
    select portable_key, subject_id, case when state = 'processed' then portable_bytes end from medium
    union all
    select peaks_key, subject_id, null from medium
    union all
    select piece.object_key, take.subject_id, case when piece.state = 'sealed' then (
        select sum(part.bytes) from take_part part where part.take_id = piece.take_id and part.piece = piece.piece
    ) end
    from take_piece piece join take using (take_id)
    union all
    select object_key, subject_id, null from leftover
)
select coalesce(jsonb_object_agg(object_key, bytes), '{}')
from (
    select place.object_key,
           case when bool_or(leftover.object_key is not null or tombstone.subject_id is not null) then null
                else max(place.bytes) end as bytes
    from place
    left join leftover using (object_key)
    left join tombstone on tombstone.subject_id = place.subject_id
    where place.object_key is not null
    group by place.object_key
) as known
