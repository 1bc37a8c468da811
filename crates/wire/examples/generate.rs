//! Rewrites `src/generated` from `proto/`.

#[path = "../tests/generate/mod.rs"]
mod generate;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    generate::into(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated"))
}
