//! This machine as its local network sees it.

use anyhow::{Context, Result, ensure};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// An address for documentation: nothing is sent there, the kernel only says which way it would go.
const ELSEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)), 9);

/// The address by which others in the network reach this machine.
pub fn address() -> Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(ELSEWHERE).context("this machine is in no network that a phone could be in")?;
    let IpAddr::V4(address) = socket.local_addr()?.ip() else {
        unreachable!("it was bound to an IPv4 address")
    };
    ensure!(!address.is_loopback(), "this machine is in no network that a phone could be in");
    Ok(address)
}
