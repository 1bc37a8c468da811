//! Knows who a learner is.

fn main() -> std::process::ExitCode {
    service::main::<accounts::App>()
}
