//! The program itself, against real databases, a real broker and a real trace backend.

mod backup;
mod consumers;
mod dead_letters;
mod processes;
mod republish;
mod session;
mod streams;
mod support;
mod sweep;
mod trace;
