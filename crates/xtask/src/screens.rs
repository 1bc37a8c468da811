//! `cargo xtask screens`: every screen of the product, reached in a real browser and photographed.

use crate::{
    house::House,
    packages::{self, Need},
    steps::Steps,
    test::browser,
    tools,
};
use anyhow::Result;
use std::fs;

/// Leaves the pictures and their contact sheets in `.local/screens`.
pub fn screens(house: &House, filter: Option<&str>) -> Result<()> {
    // A Ctrl-C reaches the command that runs as well. It fails, and the stack that was started for it is stopped.
    ctrlc::set_handler(|| ())?;
    let steps = Steps::new(house.local.join("logs"));
    steps.run("system packages", |step| Ok(((), packages::ensure(Need::Testing, step)?)))?;
    steps.run("pinned programs", |step| Ok(((), tools::ensure(house, step)?)))?;
    let folder = house.local.join("screens");
    if filter.is_none() && folder.exists() {
        // A screen that is gone must not stay in the sheets.
        fs::remove_dir_all(&folder)?;
    }
    let outcome = browser::play(house, &steps, browser::TESTED, "screens", filter, |playwright| {
        playwright.args(["--config", "screens"]).env("SCREENS_FOLDER", &folder);
    });
    say!("\n  every screen   {}", folder.join("index.html").display());
    outcome
}
