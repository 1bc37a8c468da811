//! Says how a session went.

fn main() -> std::process::ExitCode {
    service::main::<rating::Rating>()
}
