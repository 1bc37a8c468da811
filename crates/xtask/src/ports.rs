//! Who holds a port, so that "address in use" names a culprit.

use std::{
    collections::HashSet,
    fmt, fs,
    net::{Ipv4Addr, SocketAddrV4, TcpListener, UdpSocket},
    path::Path,
};

/// A kind of port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A listening stream socket.
    Tcp,
    /// A bound datagram socket.
    Udp,
}

/// The process that holds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its command line.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} ({})", self.pid, self.command)
    }
}

/// Whether a port of the loopback address can be taken.
pub fn is_free(transport: Transport, port: u16) -> bool {
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    match transport {
        Transport::Tcp => TcpListener::bind(address).is_ok(),
        Transport::Udp => UdpSocket::bind(address).is_ok(),
    }
}

/// The process that holds a port, where the kernel lets us see it.
pub fn holder(transport: Transport, port: u16) -> Option<Holder> {
    let tables: [&str; 2] = match transport {
        Transport::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
        Transport::Udp => ["/proc/net/udp", "/proc/net/udp6"],
    };
    let sockets: HashSet<u64> = tables
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| sockets_on(&table, transport, port))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.filter_map(|process| process.file_name().to_str()?.parse().ok()).find_map(|pid| {
        holds(pid, &sockets).then(|| Holder { pid, command: command_line(pid).unwrap_or_default() })
    })
}

/// The inodes of the sockets in a kernel table that listen on a port.
fn sockets_on(table: &str, transport: Transport, port: u16) -> Vec<u64> {
    let state = match transport {
        Transport::Tcp => "0A", // listening
        Transport::Udp => "07", // bound
    };
    let line = |line: &str| -> Option<u64> {
        let mut fields = line.split_whitespace().skip(1);
        let (_, local) = fields.next()?.rsplit_once(':')?;
        let found = fields.nth(1)?;
        let inode = fields.nth(5)?.parse().ok()?;
        (u16::from_str_radix(local, 16).ok()? == port && found == state).then_some(inode)
    };
    table.lines().skip(1).filter_map(line).collect()
}

fn holds(pid: u32, sockets: &HashSet<u64>) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .filter_map(|target| socket_inode(&target))
        .any(|inode| sockets.contains(&inode))
}

fn socket_inode(target: &Path) -> Option<u64> {
    target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// A process's command line, without its arguments' ends.
fn command_line(pid: u32) -> Option<String> {
    let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words = words.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    Some(words.collect::<Vec<_>>().join(" ").trim().chars().take(80).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000 100 0 0 10 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100 0 0 10 0
   3: 0100007F:1FAE 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4714 2 0000000000000000 0
";

    #[test]
    fn only_the_listening_socket_holds_a_port() {
        assert_eq!(sockets_on(TABLE, Transport::Tcp, 8080), [4711]);
        assert_eq!(sockets_on(TABLE, Transport::Tcp, 22), [4713]);
        assert!(sockets_on(TABLE, Transport::Tcp, 80).is_empty());
        assert_eq!(sockets_on(TABLE, Transport::Udp, 8110), [4714]);
    }

    #[test]
    fn a_link_to_a_socket_tells_its_inode() {
        assert_eq!(socket_inode(Path::new("socket:[4711]")), Some(4711));
        assert_eq!(socket_inode(Path::new("pipe:[4711]")), None);
    }

    #[test]
    fn this_process_is_named_as_the_holder_of_its_own_port() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(Transport::Tcp, port));
        assert_eq!(holder(Transport::Tcp, port).unwrap().pid, std::process::id());
    }
}
