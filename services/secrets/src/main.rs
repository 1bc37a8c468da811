//! Decides who may open a realtime call now, and gets the key for it.

fn main() -> std::process::ExitCode {
    service::main::<secrets::App>()
}
