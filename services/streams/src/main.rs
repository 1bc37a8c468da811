//! Keeps the broker's streams as the catalogue says.

fn main() -> std::process::ExitCode {
    service::main::<streams::Streams>()
}
