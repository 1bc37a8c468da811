-- A piece of which storage holds other bytes than it was given is left out; everything else of the recording is made.
alter table take_piece drop constraint take_piece_state;
alter table take_piece add constraint take_piece_state check (state in ('open', 'closed', 'sealed', 'damaged'));
