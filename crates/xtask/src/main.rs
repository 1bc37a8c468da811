//! Everything one does with this repository: run it, test it, derive its derived files.
//!
//! It depends on next to nothing, so that `cargo xtask up` on a bare machine begins within seconds.

/// Prints a line; a reader that has gone away is no reason to stop.
macro_rules! say {
    ($($words:tt)*) => { $crate::steps::say(format_args!($($words)*)) };
}

mod bench;
mod bugs;
mod chaos;
mod cli;
mod derive;
mod down;
mod ground;
mod house;
mod http;
mod images;
mod kind;
mod kubernetes;
mod lan;
mod logs;
mod observability;
mod ops;
mod packages;
mod ports;
mod programs;
mod screens;
mod seaweedfs;
mod secrets;
mod stack;
mod status;
mod steps;
mod test;
mod tools;
mod up;
mod web;

use anyhow::Result;
use cli::Command;
use house::House;
use std::{io::Write as _, process::ExitCode};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match cli::parse(&words).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let house = House::find()?;
    match command {
        Command::Up(options) => up::up(&house, options),
        Command::Supervise(options) => up::supervise_detached(&options.stack(&house)?),
        Command::Down(options) => down::down(&options.stack(&house)?),
        Command::Status(options) => status::status(&options.stack(&house)?),
        Command::Logs { stack, name, follow } => logs::logs(&stack.stack(&house)?, name.as_deref(), follow),
        Command::Stop { stack, name, kill } => down::stop(&stack.stack(&house)?, &name, kill),
        Command::Start { stack, name } => down::start(&stack.stack(&house)?, &name),
        Command::Ops { stack, words } => ops::ops(&stack.stack(&house)?, &words),
        Command::Test { stages, filter } => test::test(&house, &stages, filter.as_deref()),
        Command::Chaos { parts, seed, count } => chaos::chaos(&house, &parts, seed, count),
        Command::Bench { parts } => bench::bench(&house, &parts),
        Command::Screens { filter } => screens::screens(&house, filter.as_deref()),
        Command::Images { names, platform, words } => {
            images::images(&house, &names, platform.as_deref(), &words)
        }
        Command::Kind { word } => kind::kind(&house, &word),
        Command::Derive { what } => derive::derive(&house, &what),
        Command::Help => {
            say!("{}", cli::USAGE);
            Ok(())
        }
    }
}
