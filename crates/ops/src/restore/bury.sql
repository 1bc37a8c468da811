-- Deletes a session as `sessions` itself does, and answers whose it was; nothing when it is not there.
with buried as (
    delete from session where session_id = $1 returning session_id, learner_id
), forgotten as (
    delete from idempotency_key where session_id = $1 and operation <> 'start'
), started as (
    update idempotency_key set session_id = null where session_id = $1 and operation = 'start'
), unasked as (
    delete from job where subject = $1::text
), grave as (
    insert into tombstone (session_id, deleted_at) select session_id, $2 from buried
)
select learner_id from buried
