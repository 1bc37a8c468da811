-- A job that is done leaves nothing behind.
delete from job where state = 'done';
alter table job drop constraint job_state;
alter table job add constraint job_state check (state in ('waiting', 'failed'));
