//! A process dies where it was told to, once.

use nix::sys::signal::Signal;
use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    process::{Command, ExitStatus},
};
use tempfile::TempDir;

/// What the other tests start again as a process of its own.
#[test]
fn comes_to_the_point() {
    kill_point::reached("here.now");
}

fn another_process(folder: &TempDir) -> ExitStatus {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--exact", "comes_to_the_point"]).env("KILL_POINTS", folder.path());
    command.output().expect("it starts").status
}

#[test]
fn a_process_is_killed_at_its_point_and_the_next_one_is_not() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("here.now"), "").expect("it is wanted");
    assert_eq!(another_process(&folder).signal(), Some(Signal::SIGKILL as i32));
    assert!(folder.path().join("here.now.hit").exists());
    assert!(another_process(&folder).success());
}

#[test]
fn a_process_passes_a_point_that_nobody_wants() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("elsewhere"), "").expect("another is wanted");
    assert!(another_process(&folder).success());
    assert!(folder.path().join("elsewhere").exists());
}
