//! Talks like the Realtime API, with no key and no network.

fn main() {}
