//! One way through the proxy: where it begins and ends, what it does wrong now, and what it has seen.

use crate::{chance::Chance, faults::Faults};
use serde::Serialize;
use std::{
    fmt,
    net::SocketAddr,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::sync::watch;

/// What passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Connections.
    Tcp,
    /// Datagrams.
    Udp,
}

/// Where a route begins and ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What tests call it.
    pub name: String,
    /// What passes.
    pub transport: Transport,
    /// Where it begins.
    pub listen: SocketAddr,
    /// Where it ends.
    pub target: SocketAddr,
}

/// A line that describes no route.
#[derive(Debug, PartialEq, Eq)]
pub struct NoPlan(String);

impl fmt::Display for NoPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not `name transport listen target`", self.0)
    }
}

impl std::error::Error for NoPlan {}

impl FromStr for Plan {
    type Err = NoPlan;

    fn from_str(line: &str) -> Result<Self, NoPlan> {
        let wrong = || NoPlan(line.to_owned());
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, transport, listen, target] = words[..] else { return Err(wrong()) };
        let transport = match transport {
            "tcp" => Transport::Tcp,
            "udp" => Transport::Udp,
            _ => return Err(wrong()),
        };
        Ok(Self {
            name: name.to_owned(),
            transport,
            listen: listen.parse().map_err(|_| wrong())?,
            target: target.parse().map_err(|_| wrong())?,
        })
    }
}

/// What a route has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Connections, or clients that send datagrams.
    pub connections: u64,
    /// Bytes that reached the target.
    pub sent: u64,
    /// Bytes that came back.
    pub received: u64,
    /// Connections that were reset by a fault.
    pub cuts: u64,
    /// Datagrams that were lost by a fault.
    pub lost: u64,
}

/// One way through the proxy.
#[derive(Debug)]
pub struct Route {
    plan: Plan,
    seed: AtomicU64,
    number: AtomicU64,
    state: watch::Sender<State>,
    connections: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
    cuts: AtomicU64,
    lost: AtomicU64,
}

/// What a route does wrong, and how often that and the network behind it changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) faults: Faults,
    pub(crate) network: u64,
    turn: u64,
}

/// What chance has in store for one connection.
#[derive(Debug)]
pub(crate) struct Luck {
    /// Towards the target.
    pub(crate) there: Chance,
    /// Towards the client.
    pub(crate) back: Chance,
}

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    ToTarget,
    ToClient,
}

impl Route {
    pub(crate) fn new(plan: Plan, seed: u64) -> Self {
        Self {
            plan,
            seed: seed.into(),
            number: AtomicU64::default(),
            state: watch::Sender::default(),
            connections: AtomicU64::default(),
            sent: AtomicU64::default(),
            received: AtomicU64::default(),
            cuts: AtomicU64::default(),
            lost: AtomicU64::default(),
        }
    }

    /// Where it begins and ends.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What it does wrong now.
    pub fn faults(&self) -> Faults {
        self.state.borrow().faults.clone()
    }

    /// What it has seen.
    pub fn counters(&self) -> Counters {
        Counters {
            connections: self.connections.load(Relaxed),
            sent: self.sent.load(Relaxed),
            received: self.received.load(Relaxed),
            cuts: self.cuts.load(Relaxed),
            lost: self.lost.load(Relaxed),
        }
    }

    /// Nothing goes wrong any more.
    pub fn clear(&self) {
        self.set(Faults::default());
    }

    /// What passes from now on comes from another address.
    pub fn rebind(&self) {
        self.state.send_modify(|state| state.network += 1);
    }

    /// Replaces the faults; answers how to recognise this change.
    pub(crate) fn set(&self, faults: Faults) -> u64 {
        let mut turn = 0;
        self.state.send_modify(|state| {
            state.faults = faults;
            state.turn += 1;
            turn = state.turn;
        });
        turn
    }

    /// Ends faults whose time is over, unless others have replaced them.
    pub(crate) fn clear_if(&self, turn: u64) {
        self.state.send_if_modified(|state| {
            let is_due = state.turn == turn;
            if is_due {
                state.faults = Faults::default();
                state.turn += 1;
            }
            is_due
        });
    }

    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// What chance decides from now on follows from this seed, whatever was before.
    pub fn begin_again(&self, seed: u64) {
        self.number.store(0, Relaxed);
        self.seed.store(seed, Relaxed);
    }

    /// The luck of a new connection in both directions.
    pub(crate) fn connected(&self) -> Luck {
        self.connections.fetch_add(1, Relaxed);
        let (seed, number) = (self.seed.load(Relaxed), self.number.fetch_add(1, Relaxed));
        let of = |direction| Chance::of(seed, &self.plan.name, number, direction);
        Luck { there: of(0), back: of(1) }
    }

    pub(crate) fn passed(&self, direction: Direction, bytes: usize) {
        let counter = match direction {
            Direction::ToTarget => &self.sent,
            Direction::ToClient => &self.received,
        };
        counter.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn cut(&self) {
        self.cuts.fetch_add(1, Relaxed);
    }

    pub(crate) fn lost(&self) {
        self.lost.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_route() {
        let plan: Plan = "media udp 127.0.0.1:8611 127.0.0.1:8610".parse().unwrap();
        assert_eq!((plan.name.as_str(), plan.transport), ("media", Transport::Udp));
        assert_eq!((plan.listen.port(), plan.target.port()), (8611, 8610));
        for line in ["media", "media quic 127.0.0.1:1 127.0.0.1:2", "media udp here there"] {
            assert!(line.parse::<Plan>().is_err(), "{line}");
        }
    }

    #[test]
    fn faults_whose_time_is_over_do_not_end_those_that_replaced_them() {
        let route = Route::new("edge tcp 127.0.0.1:1 127.0.0.1:2".parse().unwrap(), 1);
        let first = route.set(Faults { down: true, ..Faults::default() });
        let second = route.set(Faults { blackhole: true, ..Faults::default() });
        route.clear_if(first);
        assert!(route.faults().blackhole);
        route.clear_if(second);
        assert_eq!(route.faults(), Faults::default());
    }
}
