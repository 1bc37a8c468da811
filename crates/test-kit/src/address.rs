//! Where a test's servers listen.

use std::{net::Ipv4Addr, process};

/// A loopback address for this process alone.
///
/// A port that is free on `127.0.0.1` may be somebody's outgoing connection a moment later. Here only the servers of
/// this test listen and nobody's connections start, so that what is free stays free until the test takes it, and
/// while a server is down. Linux answers on all of 127.0.0.0/8; nextest runs every test in a process of its own.
#[must_use]
pub fn own_address() -> Ipv4Addr {
    let [_, high, middle, low] = process::id().to_be_bytes();
    // Process numbers end below 2^22 (proc(5), pid_max): 127.64.0.0 to 127.127.255.255.
    Ipv4Addr::new(127, 64 | high, middle, low)
}
