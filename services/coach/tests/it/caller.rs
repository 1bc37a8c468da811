//! A browser in Rust: offers a call with sound and a data channel, speaks, and remembers what it heard.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use coach::sound::{PACKET, RATE};
use http::StatusCode;
use opus::{Application, Channels, Decoder, Encoder};
use serde_json::Value;
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    format::{Codec, PayloadParams},
    media::{Direction, Frequency, MediaKind, MediaTime, Mid},
    net::{Protocol, Receive},
};
use tokio::{net::UdpSocket, sync::mpsc};

use crate::setup::{Answer, TestCoach, eventually};

/// An offer that was not yet sent.
pub struct Offer {
    rtc: Rtc,
    socket: UdpSocket,
    pending: SdpPendingOffer,
    line: Mid,
    pub sdp: String,
}

/// A call that is going on.
pub struct Caller {
    pub id: String,
    says: mpsc::UnboundedSender<Wish>,
    seen: Arc<Mutex<Seen>>,
}

enum Wish {
    Say(Vec<i16>),
    Send(String),
}

#[derive(Default)]
struct Seen {
    events: Vec<(Instant, Value)>,
    heard: Vec<i16>,
    /// When the last sample of what it was given to say went out.
    said_at: Option<Instant>,
    closed: bool,
}

impl Offer {
    pub async fn new() -> Self {
        str0m::crypto::from_feature_flags().install_process_default();
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let mut rtc = Rtc::builder().clear_codecs().enable_opus(true, false).build(Instant::now());
        let address = socket.local_addr().expect("bound");
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("a candidate"));
        let mut changes = rtc.sdp_api();
        let line = changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        changes.add_channel("oai-events".to_owned());
        let (offer, pending) = changes.apply().expect("something changed");
        let sdp = offer.to_sdp_string();
        Self { rtc, socket, pending, line, sdp }
    }

    /// Sends the offer as a browser does.
    pub async fn post(&self, coach: &TestCoach, secret: &str) -> Answer {
        coach.post("/v1/realtime/calls", secret, "application/sdp", self.sdp.clone()).await
    }

    /// Takes the answer and begins to talk.
    pub fn accept(mut self, answer: &Answer) -> Caller {
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let location = answer.headers["location"].to_str().expect("text").to_owned();
        let sdp = SdpAnswer::from_sdp_string(&answer.body).expect("an answer");
        self.rtc.sdp_api().accept_answer(self.pending, sdp).expect("an answer to this offer");
        let (says, wishes) = mpsc::unbounded_channel();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let call = Running {
            rtc: self.rtc,
            socket: self.socket,
            line: self.line,
            encoder: Encoder::new(RATE as u32, Channels::Mono, Application::Voip).expect("an encoder"),
            decoder: Decoder::new(RATE as u32, Channels::Mono).expect("a decoder"),
            channel: None,
            waiting: VecDeque::new(),
            saying: VecDeque::new(),
            ticks: 0,
            seen: Arc::clone(&seen),
        };
        spawn(call.run(wishes));
        Caller { id: location.rsplit('/').next().unwrap_or_default().to_owned(), says, seen }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's caller lives as long as the test")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

impl Caller {
    /// Calls a coach with new instructions.
    pub async fn call(coach: &TestCoach, instructions: &str) -> Self {
        Self::with(coach, &coach.mint(instructions).await).await
    }

    /// Calls a coach whose turns end like this and who speaks at this pace.
    pub async fn paced(coach: &TestCoach, turn_detection: &Value, speed: &Value) -> Self {
        Self::with(coach, &coach.mint_for("", turn_detection, speed).await).await
    }

    async fn with(coach: &TestCoach, secret: &str) -> Self {
        let offer = Offer::new().await;
        let answer = offer.post(coach, secret).await;
        let caller = offer.accept(&answer);
        caller.wait("session.created").await;
        caller
    }

    pub fn say(&self, pcm: Vec<i16>) {
        self.seen().said_at = None;
        self.says.send(Wish::Say(pcm)).ok();
    }

    pub fn send(&self, event: &Value) {
        self.says.send(Wish::Send(event.to_string())).ok();
    }

    pub fn events(&self) -> Vec<Value> {
        self.seen().events.iter().map(|(_, event)| event.clone()).collect()
    }

    pub fn types(&self) -> Vec<String> {
        self.events().iter().map(|event| kind(event).to_owned()).collect()
    }

    /// When the first event of a type came after so many events.
    pub fn time_of(&self, after: usize, name: &str) -> Option<Instant> {
        self.seen().events.iter().skip(after).find(|(_, event)| kind(event) == name).map(|(at, _)| *at)
    }

    pub fn heard(&self) -> Vec<i16> {
        self.seen().heard.clone()
    }

    pub fn is_closed(&self) -> bool {
        self.seen().closed
    }

    /// Waits until everything given to say is said.
    pub async fn said(&self) -> Instant {
        eventually("the end of the sentence", Duration::from_mins(1), async || self.seen().said_at).await
    }

    /// The next event of a type after so many events.
    pub async fn wait_after(&self, after: usize, name: &str) -> Value {
        let found = async || self.events().into_iter().skip(after).find(|event| kind(event) == name);
        eventually(&format!("{name} after {after} of {:?}", self.types()), Duration::from_secs(30), found)
            .await
    }

    pub async fn wait(&self, name: &str) -> Value {
        self.wait_after(0, name).await
    }

    /// Asks for the coach's turn and hears it to the end, and tells what it said.
    pub async fn listen(&self) -> String {
        let before = self.events().len();
        self.send(&serde_json::json!({"type": "response.create"}));
        self.hear_out(before).await
    }

    /// Hears the coach's next turn to the end, and tells what it said.
    pub async fn hear_out(&self, after: usize) -> String {
        let done = self.wait_after(after, "response.output_audio_transcript.done").await;
        self.wait_after(after, "output_audio_buffer.stopped").await;
        done["transcript"].as_str().unwrap_or_default().to_owned()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().expect("nobody panicked")
    }
}

pub fn kind(event: &Value) -> &str {
    event["type"].as_str().unwrap_or_default()
}

struct Running {
    rtc: Rtc,
    socket: UdpSocket,
    line: Mid,
    encoder: Encoder,
    decoder: Decoder,
    channel: Option<str0m::channel::ChannelId>,
    waiting: VecDeque<String>,
    saying: VecDeque<i16>,
    ticks: u64,
    seen: Arc<Mutex<Seen>>,
}

impl Running {
    async fn run(mut self, mut wishes: mpsc::UnboundedReceiver<Wish>) {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let mut buffer = vec![0; 2048];
        while let Ok(wake) = self.drain() {
            if !self.rtc.is_alive() {
                break;
            }
            tokio::select! {
                _ = ticks.tick() => self.tick(),
                wish = wishes.recv() => match wish {
                    Some(Wish::Say(pcm)) => self.saying.extend(pcm),
                    Some(Wish::Send(text)) => self.waiting.push_back(text),
                    None => break,
                },
                Ok((length, source)) = self.socket.recv_from(&mut buffer) => self.receive(source, &buffer[..length]),
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            self.tell();
            if self.rtc.handle_input(Input::Timeout(Instant::now())).is_err() {
                break;
            }
        }
        self.seen.lock().expect("nobody panicked").closed = true;
    }

    fn drain(&mut self) -> Result<Instant, str0m::RtcError> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => return Ok(at),
                Output::Transmit(datagram) => {
                    self.socket.try_send_to(&datagram.contents, datagram.destination).ok();
                }
                Output::Event(event) => self.happened(event),
            }
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::ChannelOpen(id, _) => self.channel = Some(id),
            Event::ChannelClose(_) => self.rtc.disconnect(),
            Event::ChannelData(data) => {
                let event = serde_json::from_slice(&data.data).expect("events are JSON");
                self.seen.lock().expect("nobody panicked").events.push((Instant::now(), event));
            }
            Event::MediaData(data) if !data.data.is_empty() => {
                let mut pcm = [0; PACKET];
                let decoded = self.decoder.decode(&data.data, &mut pcm, false).expect("Opus of 20 ms");
                self.seen.lock().expect("nobody panicked").heard.extend_from_slice(&pcm[..decoded]);
            }
            _ => {}
        }
    }

    fn receive(&mut self, source: std::net::SocketAddr, bytes: &[u8]) {
        let Ok(contents) = bytes.try_into() else { return };
        let destination = self.socket.local_addr().expect("bound");
        let received = Receive { proto: Protocol::Udp, source, destination, contents };
        self.rtc.handle_input(Input::Receive(Instant::now(), received)).ok();
    }

    fn tick(&mut self) {
        self.ticks += 1;
        let take = PACKET.min(self.saying.len());
        let mut pcm: Vec<i16> = self.saying.drain(..take).collect();
        if take > 0 && self.saying.is_empty() {
            self.seen.lock().expect("nobody panicked").said_at = Some(Instant::now());
        }
        pcm.resize(PACKET, 0);
        let packet = self.encoder.encode_vec(&pcm, 1275).expect("encodes");
        let Some(writer) = self.rtc.writer(self.line) else { return };
        let opus =
            writer.payload_params().find(|params| params.spec().codec == Codec::Opus).map(PayloadParams::pt);
        let Some(pt) = opus else { return };
        let at = MediaTime::new(self.ticks * 960, Frequency::FORTY_EIGHT_KHZ);
        // Before the connection stands, nothing can be written.
        writer.write(pt, Instant::now(), at, packet).ok();
    }

    fn tell(&mut self) {
        let Some(mut channel) = self.channel.and_then(|id| self.rtc.channel(id)) else { return };
        while let Some(text) = self.waiting.pop_front() {
            assert!(
                channel.write(false, text.as_bytes()).expect("the channel is open"),
                "the channel is full"
            );
        }
    }
}
