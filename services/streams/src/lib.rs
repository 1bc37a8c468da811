#![doc = include_str!("../README.md")]

mod keeper;
mod process;

pub use keeper::{Keeper, Kept};
pub use process::{Config, Streams};
