//! Rust code from `proto/`.

use crate::{house::House, programs, steps::Step};
use anyhow::Result;

/// Rewrites the generated code of crate `wire`.
pub fn derive(house: &House, step: &Step) -> Result<()> {
    step.run(programs::cargo(house).args(["run", "--package", "wire", "--example", "generate"]))
}
