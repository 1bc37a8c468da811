//! The upload service's process.

use std::process::ExitCode;

fn main() -> ExitCode {
    service::main::<upload::Upload>()
}
