//! As much HTTP as asking a neighbour on the loopback address takes.

use anyhow::{Context, Result, ensure};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(5);

/// Whether something listens on a port.
pub fn accepts(port: u16) -> bool {
    TcpStream::connect_timeout(&loopback(port), PATIENCE).is_ok()
}

/// The status of a GET.
pub fn get(port: u16, path: &str) -> Result<u16> {
    exchange(port, "GET", path, "", "")
}

/// The status of a POST of JSON, sent as the page at `origin` would.
pub fn post(port: u16, path: &str, origin: &str, json: &str) -> Result<u16> {
    let headers =
        format!("Origin: {origin}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n");
    exchange(port, "POST", path, &headers, json)
}

fn exchange(port: u16, method: &str, path: &str, headers: &str, body: &str) -> Result<u16> {
    let mut stream = TcpStream::connect_timeout(&loopback(port), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).context("no answer")?;
    status(&answer)
}

fn status(line: &[u8]) -> Result<u16> {
    ensure!(line.starts_with(b"HTTP/1."), "not HTTP");
    let digits = line.get(9..12).context("a short status line")?;
    std::str::from_utf8(digits)?.parse().context("not a status")
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_tells_the_status() {
        assert_eq!(status(b"HTTP/1.1 204").unwrap(), 204);
        assert!(status(b"SSH-2.0-Open").is_err());
    }
}
