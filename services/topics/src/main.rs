//! Knows what can be practised.

fn main() -> std::process::ExitCode {
    service::main::<topics::App>()
}
