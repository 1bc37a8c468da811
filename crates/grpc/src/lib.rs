//! How services ask each other: in the caller's trace, with a limit on the whole of it, and once more when nobody
//! answered. Every method of ours reads, so that asking twice does no harm.

mod ask;
mod serve;

pub use ask::{ask, channel};
pub use serve::serve;

/// Metadata with the caller's place in the trace (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";
