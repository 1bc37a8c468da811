//! A few recogniser processes shared by all calls.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use lifecycle::Lifecycle;
use tokio::sync::mpsc;

use super::{
    Outcome, Recognizer, Report, Utterance,
    process::{self, Order},
};

/// Orders that may wait for a process: at 100 ms of sound each, more than a minute for four talkers at once.
const BACKLOG: usize = 4096;
/// Samples collected before they are handed over: 100 ms.
const PIECE: usize = 1600;

struct Seat {
    orders: mpsc::Sender<Order>,
    /// Utterances being heard.
    busy: Arc<AtomicUsize>,
}

/// A few recogniser processes shared by all calls.
pub struct Pool {
    seats: Vec<Seat>,
    numbers: AtomicU64,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("processes", &self.seats.len()).finish_non_exhaustive()
    }
}

impl Pool {
    /// Starts `size` processes of a command line and keeps them running.
    pub fn start(command: &[String], size: usize, lifecycle: &Lifecycle) -> Self {
        let seats = (0..size)
            .map(|_| {
                let (orders, taken) = mpsc::channel(BACKLOG);
                let life = lifecycle.clone();
                lifecycle.spawn(process::supervise(command.to_vec(), taken, life));
                Seat { orders, busy: Arc::default() }
            })
            .collect();
        Self { seats, numbers: AtomicU64::new(1) }
    }
}

impl Recognizer for Pool {
    fn open(&self, utterance: u64, reports: mpsc::UnboundedSender<Report>) -> Box<dyn Utterance> {
        let seat = self.seats.iter().min_by_key(|seat| seat.busy.load(Ordering::Relaxed));
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let orders = seat.map(|seat| seat.orders.clone());
        let busy = seat.map(|seat| seat.busy.clone()).unwrap_or_default();
        busy.fetch_add(1, Ordering::Relaxed);
        let mut hearing =
            Hearing { number, utterance, reports, orders, piece: Vec::new(), ended: false, busy };
        let report = hearing.reports.clone();
        hearing.order(Order::Open { number, utterance, report });
        Box::new(hearing)
    }
}

struct Hearing {
    /// The process's number for it.
    number: u64,
    /// The caller's number for it.
    utterance: u64,
    reports: mpsc::UnboundedSender<Report>,
    /// `None` once the process could not keep up: the utterance has failed.
    orders: Option<mpsc::Sender<Order>>,
    piece: Vec<i16>,
    ended: bool,
    busy: Arc<AtomicUsize>,
}

impl Hearing {
    fn order(&mut self, order: Order) {
        let taken = self.orders.as_ref().is_some_and(|orders| orders.try_send(order).is_ok());
        if !taken && self.orders.take().is_some() {
            // The call may be over; then nobody wants to know.
            self.reports.send(Report { utterance: self.utterance, outcome: Outcome::Failed }).ok();
        }
    }
}

impl Utterance for Hearing {
    fn hear(&mut self, pcm: &[i16]) {
        self.piece.extend_from_slice(pcm);
        if self.piece.len() >= PIECE {
            let pcm = std::mem::take(&mut self.piece);
            self.order(Order::Sound { number: self.number, pcm });
        }
    }

    fn end(mut self: Box<Self>) {
        let pcm = std::mem::take(&mut self.piece);
        self.order(Order::Sound { number: self.number, pcm });
        self.order(Order::End { number: self.number });
        self.ended = true;
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
        if !self.ended
            && let Some(orders) = &self.orders
        {
            // A process that cannot take this either is about to be replaced.
            orders.try_send(Order::Forget { number: self.number }).ok();
        }
    }
}
