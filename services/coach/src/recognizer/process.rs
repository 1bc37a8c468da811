//! One recogniser process: started, fed, read, and replaced when it dies or hangs.

use std::{collections::HashMap, process::Stdio, time::Duration};

use lifecycle::Lifecycle;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::mpsc,
    time::{Instant, MissedTickBehavior},
};

use super::{
    LATEST, Outcome, Report,
    frames::{Kind, Said, frame},
};

/// Before a process that died is started again.
const PAUSE: Duration = Duration::from_millis(500);

/// What a process is asked to do.
#[derive(Debug)]
pub(super) enum Order {
    Open { number: u64, utterance: u64, report: mpsc::UnboundedSender<Report> },
    Sound { number: u64, pcm: Vec<i16> },
    End { number: u64 },
    Forget { number: u64 },
}

struct Open {
    utterance: u64,
    report: mpsc::UnboundedSender<Report>,
    /// When it ended; the words are due `LATEST` later.
    ended: Option<Instant>,
}

impl Open {
    fn tell(&self, outcome: Outcome) {
        // A call that has ended no longer wants to know.
        self.report.send(Report { utterance: self.utterance, outcome }).ok();
    }
}

#[derive(Debug, thiserror::Error)]
enum Died {
    #[error("the recogniser could not be run")]
    Io(#[from] std::io::Error),
    #[error("the recogniser command is empty")]
    NoCommand,
    #[error("the recogniser ended")]
    Ended,
    #[error("the recogniser said something that is not of its protocol")]
    Garbled(#[source] serde_json::Error),
    #[error("the recogniser took too long")]
    Hung,
}

/// Keeps one process running until the coach stops.
pub(super) async fn supervise(command: Vec<String>, mut orders: mpsc::Receiver<Order>, life: Lifecycle) {
    loop {
        let mut open = HashMap::new();
        let outcome = tokio::select! {
            outcome = attend(&command, &mut orders, &mut open) => outcome,
            () = life.stopping() => return,
        };
        let Err(died) = outcome else { return };
        metrics::counter!("coach_recognizer_restarts_total").increment(1);
        tracing::warn!(error = %died, utterances.lost = open.len(), "The recogniser died; starting it again");
        for utterance in open.values() {
            utterance.tell(Outcome::Failed);
        }
        if !life.pause(PAUSE).await {
            return;
        }
    }
}

async fn attend(
    command: &[String],
    orders: &mut mpsc::Receiver<Order>,
    open: &mut HashMap<u64, Open>,
) -> Result<(), Died> {
    // The child is held so that it dies with this function.
    let (_child, mut stdin, mut lines) = spawn(command)?;
    let mut check = tokio::time::interval(Duration::from_secs(1));
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(order) = order else { return Ok(()) };
                obey(order, &mut stdin, open).await?;
            }
            line = lines.next_line() => {
                let line = line?.ok_or(Died::Ended)?;
                hear(&line, open)?;
            }
            _ = check.tick() => {
                if open.values().any(|utterance| utterance.ended.is_some_and(|at| at.elapsed() > LATEST)) {
                    return Err(Died::Hung);
                }
            }
        }
    }
}

fn spawn(command: &[String]) -> Result<(Child, ChildStdin, Lines<BufReader<ChildStdout>>), Died> {
    let [program, arguments @ ..] = command else { return Err(Died::NoCommand) };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // It may quote what was said.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take().ok_or(Died::Ended)?;
    let stdout = child.stdout.take().ok_or(Died::Ended)?;
    Ok((child, stdin, BufReader::new(stdout).lines()))
}

async fn obey(order: Order, stdin: &mut ChildStdin, open: &mut HashMap<u64, Open>) -> Result<(), Died> {
    let bytes = match order {
        Order::Open { number, utterance, report } => {
            open.insert(number, Open { utterance, report, ended: None });
            return Ok(());
        }
        // What belongs to an utterance that was lost with an earlier process says nothing to this one.
        Order::Sound { number, .. } | Order::End { number } | Order::Forget { number }
            if !open.contains_key(&number) =>
        {
            return Ok(());
        }
        Order::Sound { number, pcm } => frame(Kind::Sound, number, &pcm),
        Order::End { number } => {
            if let Some(utterance) = open.get_mut(&number) {
                utterance.ended = Some(Instant::now());
            }
            frame(Kind::End, number, &[])
        }
        Order::Forget { number } => {
            open.remove(&number);
            frame(Kind::Forget, number, &[])
        }
    };
    // A process that stops reading is as good as dead.
    tokio::time::timeout(LATEST, stdin.write_all(&bytes)).await.map_err(|_| Died::Hung)??;
    Ok(())
}

fn hear(line: &str, open: &mut HashMap<u64, Open>) -> Result<(), Died> {
    match serde_json::from_str(line).map_err(Died::Garbled)? {
        Said::Ready { ready } => tracing::info!(ready, "The recogniser is there"),
        Said::Partial { id, partial } => {
            if let Some(utterance) = open.get(&id) {
                utterance.tell(Outcome::Partial(partial));
            }
        }
        Said::Final { id, r#final, words } => {
            if let Some(utterance) = open.remove(&id) {
                utterance.tell(Outcome::Final { text: r#final, words });
            }
        }
    }
    Ok(())
}
