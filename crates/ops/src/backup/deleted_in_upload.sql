-- Every session that was ever deleted: these tombstones outlive everything.
select coalesce(jsonb_object_agg(subject_id, deleted_at), '{}') from tombstone
