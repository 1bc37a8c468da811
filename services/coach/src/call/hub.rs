//! One UDP socket for all calls, and who gets what arrives on it.
//!
//! A browser's first packets are STUN requests that name the call by its username fragment; from then on its address
//! names the call.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use lifecycle::Lifecycle;
use tokio::{net::UdpSocket, sync::mpsc};

use super::Datagram;

/// Datagrams that may wait for one call: five seconds of sound.
const WAITING: usize = 256;
/// The largest datagram taken.
const LARGEST: usize = 2048;

/// One UDP socket for all calls.
#[derive(Debug)]
pub struct Hub {
    socket: UdpSocket,
    advertised: Vec<SocketAddr>,
    routes: Mutex<Routes>,
}

#[derive(Debug, Default)]
struct Routes {
    by_ufrag: HashMap<String, mpsc::Sender<Datagram>>,
    by_source: HashMap<SocketAddr, mpsc::Sender<Datagram>>,
}

/// A call's own end of the socket. Leaves the hub when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    hub: Arc<Hub>,
    ufrag: String,
    pub(crate) datagrams: mpsc::Receiver<Datagram>,
}

impl Hub {
    /// Binds the socket and starts to sort what arrives.
    ///
    /// `advertised` is where browsers are told to reach it; empty means where it is bound.
    pub async fn open(
        bind: SocketAddr,
        advertised: &[SocketAddr],
        lifecycle: &Lifecycle,
    ) -> std::io::Result<Arc<Self>> {
        let socket = UdpSocket::bind(bind).await?;
        let bound = socket.local_addr()?;
        // Port 0 means: the port the socket has got.
        let port = |mut address: SocketAddr| {
            if address.port() == 0 {
                address.set_port(bound.port());
            }
            address
        };
        let advertised: Vec<SocketAddr> = advertised.iter().copied().map(port).collect();
        let advertised = if advertised.is_empty() { vec![bound] } else { advertised };
        tracing::info!(media.address = %bound, "Listening for calls on {bound}");
        let hub = Arc::new(Self { socket, advertised, routes: Mutex::default() });
        let (sorting, life) = (Arc::clone(&hub), lifecycle.clone());
        lifecycle.spawn(async move {
            tokio::select! {
                () = sorting.sort() => {}
                // Calls say goodbye through the socket; it is closed when the last of them has gone.
                () = life.stopping() => {}
            }
        });
        Ok(hub)
    }

    /// Where browsers reach the socket.
    pub fn advertised(&self) -> &[SocketAddr] {
        &self.advertised
    }

    pub(crate) fn join(self: &Arc<Self>, ufrag: String) -> Seat {
        let (send, datagrams) = mpsc::channel(WAITING);
        self.lock().by_ufrag.insert(ufrag.clone(), send);
        Seat { hub: Arc::clone(self), ufrag, datagrams }
    }

    /// Sends without waiting: a datagram that cannot go now is lost, as on any network.
    pub(crate) fn send(&self, to: SocketAddr, bytes: &[u8]) {
        if let Err(error) = self.socket.try_send_to(bytes, to)
            && error.kind() != std::io::ErrorKind::WouldBlock
        {
            tracing::debug!(%error, "A datagram could not be sent");
        }
    }

    async fn sort(&self) {
        let mut buffer = vec![0; LARGEST];
        loop {
            match self.socket.recv_from(&mut buffer).await {
                Ok((length, source)) => self.route(source, &buffer[..length]),
                // An earlier datagram came back as unreachable; the socket itself is well.
                Err(error) => tracing::debug!(%error, "A datagram could not be received"),
            }
        }
    }

    fn route(&self, source: SocketAddr, bytes: &[u8]) {
        let mut routes = self.lock();
        let call = match named_ufrag(bytes) {
            Some(ufrag) => {
                let call = routes.by_ufrag.get(ufrag).cloned();
                if let Some(call) = &call {
                    routes.by_source.insert(source, call.clone());
                }
                call
            }
            None => routes.by_source.get(&source).cloned(),
        };
        drop(routes);
        // A call that does not keep up loses datagrams, as on any network.
        if let Some(call) = call {
            call.try_send(Datagram { source, bytes: bytes.to_vec() }).ok();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.datagrams.close();
        let mut routes = self.hub.lock();
        routes.by_ufrag.remove(&self.ufrag);
        routes.by_source.retain(|_, call| !call.is_closed());
    }
}

/// Our username fragment in a STUN request: attribute 6 is `ours:theirs`.
fn named_ufrag(bytes: &[u8]) -> Option<&str> {
    const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
    const BINDING_REQUEST: [u8; 2] = [0, 1];
    const USERNAME: u16 = 6;
    if bytes.get(..2)? != BINDING_REQUEST || bytes.get(4..8)? != COOKIE {
        return None;
    }
    let mut rest = bytes.get(20..)?;
    loop {
        let kind = u16::from_be_bytes(rest.get(..2)?.try_into().ok()?);
        let length = usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
        if kind == USERNAME {
            let name = std::str::from_utf8(rest.get(4..4 + length)?).ok()?;
            return name.split(':').next();
        }
        rest = rest.get(4 + length.next_multiple_of(4)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stun_request_names_its_call() {
        let mut request = vec![0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42];
        request.extend([7; 12]);
        request.extend([0, 36, 0, 4, 1, 2, 3, 4]);
        request.extend([0, 6, 0, 9]);
        request.extend(b"ours:them\0\0\0");
        assert_eq!(named_ufrag(&request), Some("ours"));
        assert_eq!(named_ufrag(&request[..30]), None);
        assert_eq!(named_ufrag(&[128; 40]), None);
        assert_eq!(named_ufrag(&[]), None);
    }
}
