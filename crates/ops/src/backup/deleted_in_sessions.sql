-- Sessions that were deleted and are still being erased elsewhere.
select coalesce(jsonb_object_agg(session_id, deleted_at), '{}') from tombstone
