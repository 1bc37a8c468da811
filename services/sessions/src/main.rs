//! Knows who practises what, what was said, and how each session stands.

fn main() -> std::process::ExitCode {
    service::main::<sessions::Process>()
}
