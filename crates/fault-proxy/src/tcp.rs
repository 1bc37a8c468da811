//! Connections.

use crate::{
    chance::Chance,
    faults::{Cut, Faults, Reply},
    route::{Direction, Plan, Route, State},
};
use lifecycle::Lifecycle;
use std::{io, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    time::Instant,
};

/// Bytes read at once.
const PIECE: usize = 64 * 1024;
/// Pieces on their way in one direction.
const WAITING: usize = 32;
/// The pause before a port is asked for again that somebody else took.
const BREATH: Duration = Duration::from_millis(50);

/// Begins to listen.
pub async fn open(plan: Plan, seed: u64, lifecycle: &Lifecycle) -> io::Result<Arc<Route>> {
    let listener = TcpListener::bind(plan.listen).await?;
    let plan = Plan { listen: listener.local_addr()?, ..plan };
    let route = Arc::new(Route::new(plan, seed));
    let (listening, life) = (route.clone(), lifecycle.clone());
    lifecycle.spawn(async move { listen(listener, &listening, &life).await });
    Ok(route)
}

/// Takes connections. While the route is down there is no listener, as when a server is not there.
async fn listen(listener: TcpListener, route: &Arc<Route>, lifecycle: &Lifecycle) {
    let mut state = route.watch();
    let mut listener = Some(listener);
    loop {
        let down = state.borrow_and_update().faults.down;
        if down {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(route.plan().listen).await.ok();
        }
        tokio::select! {
            accepted = accept(listener.as_ref()), if !down => {
                if let Some(client) = accepted {
                    let (route, life) = (route.clone(), lifecycle.clone());
                    lifecycle.spawn(async move {
                        tokio::select! {
                            () = carry(client, &route) => {}
                            () = life.stopping() => {}
                        }
                    });
                }
            }
            _ = state.changed() => {}
            () = lifecycle.stopping() => return,
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> Option<TcpStream> {
    if let Some(listener) = listener
        && let Ok((client, _)) = listener.accept().await
    {
        return Some(client);
    }
    tokio::time::sleep(BREATH).await;
    None
}

/// Carries one connection to its end.
async fn carry(client: TcpStream, route: &Arc<Route>) {
    let luck = route.connected();
    let mut state = route.watch();
    let network = state.borrow().network;
    // A client in the dark is connected as far as it knows; its target is not reached.
    if state.wait_for(|state| !state.faults.blackhole).await.is_err() {
        return;
    }
    let reply = state.borrow().faults.answer;
    if let Some(reply) = reply {
        return answer(client, reply).await;
    }
    let Ok(target) = TcpStream::connect(route.plan().target).await else { return reset(client) };
    let _ = (client.set_nodelay(true), target.set_nodelay(true));
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_target, mut to_target) = target.into_split();
    let was_cut = {
        let up = Lane { route, direction: Direction::ToTarget };
        let down = Lane { route, direction: Direction::ToClient };
        let mut up = pin!(up.pass(luck.there, &mut from_client, &mut to_target));
        let mut down = pin!(down.pass(luck.back, &mut from_target, &mut to_client));
        let (mut up_open, mut down_open) = (true, true);
        loop {
            let end = tokio::select! {
                end = &mut up, if up_open => { up_open = false; end }
                end = &mut down, if down_open => { down_open = false; end }
                // Faults that are set while it lasts end it as well.
                _ = state.wait_for(|state| {
                    state.faults.down || state.faults.answer.is_some() || state.network != network
                }) => { route.cut(); End::Cut }
            };
            match end {
                End::Cut => break true,
                // One side has said all; what the other still has to say passes.
                End::Finished if !up_open && !down_open => break false,
                End::Finished => {}
            }
        }
    };
    if was_cut {
        // A reset would take along what is on its way: the target gets to the byte what passed before the cut.
        if let Ok(stream) = from_client.reunite(to_client) {
            reset(stream);
        }
    }
}

/// Answers instead of the target, once the head of a request came.
async fn answer(mut client: TcpStream, reply: Reply) {
    let mut request = Vec::new();
    while !request.windows(4).any(|four| four == b"\r\n\r\n") && request.len() < PIECE {
        match client.read_buf(&mut request).await {
            Ok(1..) => {}
            _ => return,
        }
    }
    let _ = client.write_all(reply.text().as_bytes()).await;
    let _ = client.shutdown().await;
    // What is left of the request is read, or the answer would be lost with a reset.
    let _ = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
}

fn reset(stream: TcpStream) {
    let _ = stream.set_zero_linger();
    drop(stream);
}

/// How a connection ended.
enum End {
    Finished,
    Cut,
}

/// One direction of a connection.
struct Lane<'a> {
    route: &'a Route,
    direction: Direction,
}

/// Bytes, and when they arrive.
type Piece = (Instant, Vec<u8>);

impl Lane<'_> {
    async fn pass(&self, chance: Chance, from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf) -> End {
        let (send, receive) = mpsc::channel(WAITING);
        // Both are driven by this one task, so that dropping it drops all.
        let (end, ()) = tokio::join!(self.read(chance, from, send), self.write(to, receive));
        end
    }

    async fn read(&self, mut chance: Chance, from: &mut OwnedReadHalf, send: mpsc::Sender<Piece>) -> End {
        let mut state = self.route.watch();
        let mut fate = Fate::default();
        let (mut due, mut seen) = (Instant::now(), 0);
        loop {
            let faults = lit(&mut state).await;
            let room = if self.direction == Direction::ToTarget {
                fate.draw(&faults, &mut chance, seen)
            } else {
                PIECE as u64
            };
            let mut piece = vec![0; usize::try_from(room).unwrap_or(PIECE).clamp(1, PIECE)];
            let read = from.read(&mut piece).await;
            // What arrives while nothing passes waits, as it would on a cable that was pulled.
            let faults = lit(&mut state).await;
            let Ok(length @ 1..) = read else { return End::Finished };
            piece.truncate(length);
            due = due.max(Instant::now() + chance.delay(&faults));
            if send.send((due, piece)).await.is_err() {
                return End::Finished;
            }
            if self.direction == Direction::ToTarget {
                seen += length as u64;
                if fate.stall_is_due(&faults, seen) {
                    tokio::time::sleep(Duration::from_millis(faults.stall_ms)).await;
                }
                if fate.cut_at.is_some_and(|cut| seen >= cut) {
                    self.route.cut();
                    return End::Cut;
                }
            }
        }
    }

    async fn write(&self, to: &mut OwnedWriteHalf, mut receive: mpsc::Receiver<Piece>) {
        while let Some((due, piece)) = receive.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                return;
            }
            self.route.passed(self.direction, piece.len());
        }
        let _ = to.shutdown().await;
    }
}

/// Waits until something passes; answers what goes wrong then.
async fn lit(state: &mut watch::Receiver<State>) -> Faults {
    match state.wait_for(|state| !state.faults.blackhole).await {
        Ok(state) => state.faults.clone(),
        Err(_) => Faults::default(),
    }
}

/// Where one connection is cut or stalls.
#[derive(Default)]
struct Fate {
    cut: Option<Cut>,
    cut_at: Option<u64>,
    stalled: bool,
}

impl Fate {
    /// Draws again when the fault is another; answers how many bytes may pass until something happens.
    fn draw(&mut self, faults: &Faults, chance: &mut Chance, seen: u64) -> u64 {
        if self.cut != faults.cut_after {
            self.cut = faults.cut_after;
            self.cut_at = self.cut.map(|cut| seen + chance.cut(cut).max(1));
        }
        let until_cut = self.cut_at.map_or(u64::MAX, |cut| cut.saturating_sub(seen));
        let until_stall = match faults.stall_after {
            Some(after) if !self.stalled && after > seen => after - seen,
            _ => u64::MAX,
        };
        until_cut.min(until_stall)
    }

    fn stall_is_due(&mut self, faults: &Faults, seen: u64) -> bool {
        let due = !self.stalled && faults.stall_after.is_some_and(|after| seen >= after);
        self.stalled |= due;
        due
    }
}
