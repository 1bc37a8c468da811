//! Where the servers of tests listen.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// A loopback address for this process alone, each time with another port.
///
/// A port that is free on `127.0.0.1` may be somebody's outgoing connection a moment later, and of ports that the
/// system chooses two may be the same as soon as nobody listens any more. What is given here stays free until the test
/// takes it, and while a server is down. Linux answers on all of 127.0.0.0/8; nextest runs every test in a process of
/// its own.
#[must_use]
pub fn own_address() -> SocketAddr {
    static NEXT_PORT: AtomicU16 = AtomicU16::new(10_000);
    let [_, high, middle, low] = process::id().to_be_bytes();
    // Process numbers end below 2^22 (proc(5), pid_max): 127.64.0.0 to 127.127.255.255.
    let own = Ipv4Addr::new(127, 64 | high, middle, low);
    (own, NEXT_PORT.fetch_add(1, Ordering::Relaxed)).into()
}
