//! The generated code in git is what `proto/` says today.

mod generate;

use std::{fs, path::Path};

#[test]
fn the_generated_code_is_fresh() -> Result<(), Box<dyn std::error::Error>> {
    let fresh = tempfile::tempdir()?;
    generate::into(fresh.path())?;
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated");
    for entry in fs::read_dir(fresh.path())? {
        let name = entry?.file_name();
        assert_eq!(
            fs::read_to_string(kept.join(&name)).unwrap_or_default(),
            fs::read_to_string(fresh.path().join(&name))?,
            "{name:?} is stale: run `cargo xtask derive proto`",
        );
    }
    Ok(())
}
