//! `cargo xtask kind`: what Tilt asks for.

use crate::{cli::Up, house::House, kubernetes::secrets, secrets::DEMO_EMAIL, up};
use anyhow::{Result, bail};

/// Does what a word says.
pub fn kind(house: &House, word: &str) -> Result<()> {
    let stack = Up::default().stack(house)?;
    let values = stack.secrets()?;
    match word {
        "secrets" => say!("{}", secrets::manifests(&values)),
        // kind maps the edge to the port that the local stack has.
        "demo" => {
            up::register_demo(&stack, &values)?;
            say!("sign in at {}: {DEMO_EMAIL} / {}", stack.origin(), values.get("DEMO_PASSWORD"));
        }
        other => bail!("kind secrets | demo, not {other}"),
    }
    Ok(())
}
