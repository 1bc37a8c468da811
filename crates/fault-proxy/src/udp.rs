//! Datagrams: every client gets an address of its own towards the target, as behind a home router.

use crate::{
    chance::Chance,
    route::{Direction, Luck, Plan, Route},
};
use lifecycle::Lifecycle;
use std::{collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::UdpSocket, sync::mpsc, time::Instant};

/// The largest datagram there is.
const LARGEST: usize = 65_536;
/// A client that was silent for so long is forgotten, as by a home router.
const FORGOTTEN: Duration = Duration::from_mins(2);
/// Datagrams of one client that wait to be passed on.
const WAITING: usize = 1024;

/// Begins to listen.
pub async fn open(plan: Plan, seed: u64, lifecycle: &Lifecycle) -> io::Result<Arc<Route>> {
    let socket = Arc::new(UdpSocket::bind(plan.listen).await?);
    let plan = Plan { listen: socket.local_addr()?, ..plan };
    let route = Arc::new(Route::new(plan, seed));
    let (listening, life) = (route.clone(), lifecycle.clone());
    lifecycle.spawn(async move {
        tokio::select! {
            () = listen(&socket, &listening, &life) => {}
            () = life.stopping() => {}
        }
    });
    Ok(route)
}

async fn listen(socket: &Arc<UdpSocket>, route: &Arc<Route>, lifecycle: &Lifecycle) {
    let mut clients: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>> = HashMap::new();
    let mut buffer = vec![0; LARGEST];
    loop {
        // An earlier datagram came back as unreachable; the socket itself is well.
        let Ok((length, source)) = socket.recv_from(&mut buffer).await else { continue };
        clients.retain(|_, client| !client.is_closed());
        let client = clients.entry(source).or_insert_with(|| {
            let (send, receive) = mpsc::channel(WAITING);
            let client = Client { source, socket: socket.clone(), route: route.clone() };
            let (life, tasks) = (lifecycle.clone(), lifecycle.clone());
            lifecycle.spawn(async move {
                tokio::select! {
                    () = client.carry(receive, &tasks) => {}
                    () = life.stopping() => {}
                }
            });
            send
        });
        // A queue that is full loses datagrams, as any network does.
        let _ = client.try_send(buffer[..length].to_vec());
    }
}

/// One client's datagrams.
struct Client {
    source: SocketAddr,
    socket: Arc<UdpSocket>,
    route: Arc<Route>,
}

impl Client {
    async fn carry(&self, mut receive: mpsc::Receiver<Vec<u8>>, lifecycle: &Lifecycle) {
        let Luck { mut there, mut back } = self.route.connected();
        let mut state = self.route.watch();
        let mut network = state.borrow().network;
        let Some(mut outside) = self.outside().await else { return };
        let mut buffer = vec![0; LARGEST];
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                datagram = receive.recv() => {
                    let Some(datagram) = datagram else { return };
                    heard = Instant::now();
                    self.pass(Direction::ToTarget, datagram, &outside, &mut there, lifecycle).await;
                }
                datagram = outside.recv(&mut buffer) => {
                    if let Ok(length) = datagram {
                        let datagram = buffer[..length].to_vec();
                        self.pass(Direction::ToClient, datagram, &outside, &mut back, lifecycle).await;
                    }
                }
                _ = state.changed() => {
                    let now = state.borrow_and_update().network;
                    if now != network && let Some(other) = self.outside().await {
                        (network, outside) = (now, other);
                    }
                }
                () = tokio::time::sleep_until(heard + FORGOTTEN) => return,
            }
        }
    }

    /// An address towards the target.
    async fn outside(&self) -> Option<Arc<UdpSocket>> {
        let any = SocketAddr::new(self.route.plan().listen.ip(), 0);
        let socket = UdpSocket::bind(any).await.ok()?;
        socket.connect(self.route.plan().target).await.ok()?;
        Some(Arc::new(socket))
    }

    async fn pass(
        &self,
        direction: Direction,
        datagram: Vec<u8>,
        outside: &Arc<UdpSocket>,
        chance: &mut Chance,
        lifecycle: &Lifecycle,
    ) {
        let faults = self.route.faults();
        let (lost, delay) = (chance.loses(&faults), chance.delay(&faults));
        if faults.is_dark() || lost {
            self.route.lost();
        } else if delay.is_zero() {
            self.deliver(direction, &datagram, outside).await;
        } else {
            let client = Self { socket: self.socket.clone(), route: self.route.clone(), ..*self };
            let (outside, life) = (outside.clone(), lifecycle.clone());
            lifecycle.spawn(async move {
                if life.pause(delay).await {
                    client.deliver(direction, &datagram, &outside).await;
                }
            });
        }
    }

    async fn deliver(&self, direction: Direction, datagram: &[u8], outside: &UdpSocket) {
        let sent = match direction {
            Direction::ToTarget => outside.send(datagram).await,
            Direction::ToClient => self.socket.send_to(datagram, self.source).await,
        };
        if sent.is_ok() {
            self.route.passed(direction, datagram.len());
        }
    }
}
