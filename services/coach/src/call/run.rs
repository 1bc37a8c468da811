//! One call, from the answer to the end: packets in, packets out, every 20 ms.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use opus::{Application, Bitrate, Channels, Encoder};
use serde::Serialize;
use str0m::{
    Event, IceConnectionState, Input, Output, Rtc, RtcError,
    channel::{ChannelData, ChannelId},
    format::{Codec, PayloadParams},
    media::{Frequency, MediaData, MediaKind, MediaTime, Mid, Pt},
    net::{Protocol, Receive},
};
use tokio::{sync::mpsc, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{Datagram, Surroundings, hub::Seat};
use crate::{
    recognizer::{Report, Utterance},
    sound::{Clip, Incoming, PACKET, RATE, samples},
    talk::{Action, Talk},
    voice::VoiceError,
    wire::ServerEvent,
};

const TICK: Duration = Duration::from_millis(20);
/// From the answer to a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// Without any datagram.
const SILENT_AFTER: Duration = Duration::from_mins(1);
/// Without sound in the middle of a turn, after which silence is put in its place.
const SOUND_WITHIN: Duration = Duration::from_millis(400);
/// After the last event, for the client to read it.
const FAREWELL: Duration = Duration::from_millis(500);
/// Packets of 20 ms count this much on the media clock.
const MEDIA_TICK: u64 = 960;
/// The largest Opus packet.
const LARGEST: usize = 1275;
const CHANNEL: &str = "oai-events";

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    HungUp,
    Closed,
    NeverConnected,
    Silent,
    Expired,
    Stopping,
    Dropped,
    Broken,
}

impl End {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::HungUp => "hung_up",
            Self::Closed => "closed",
            Self::NeverConnected => "never_connected",
            Self::Silent => "silent",
            Self::Expired => "expired",
            Self::Stopping => "stopping",
            Self::Dropped => "dropped",
            Self::Broken => "broken",
        }
    }
}

/// An event under way: its number is its name.
#[derive(Serialize)]
struct Envelope<'a> {
    event_id: String,
    #[serde(flatten)]
    event: &'a ServerEvent,
}

type Spoken = (String, Result<Clip, VoiceError>);

struct Call<'a> {
    rtc: Rtc,
    talk: Talk,
    around: &'a Surroundings,
    local: SocketAddr,
    incoming: Incoming,
    encoder: Encoder,
    channel: Option<ChannelId>,
    /// What the channel had no room for.
    unsent: VecDeque<Vec<u8>>,
    /// The line for sound.
    line: Option<Mid>,
    pt: Option<Pt>,
    connected: bool,
    begun: Instant,
    /// Whether the coach was heard.
    heard: bool,
    ticks: u64,
    events: u64,
    sound_at: Instant,
    packet_at: Instant,
    utterances: HashMap<u64, Box<dyn Utterance>>,
    reports: mpsc::UnboundedSender<Report>,
    spoken: mpsc::UnboundedSender<Spoken>,
    leaving: Option<(Instant, End)>,
}

/// Runs a call to its end.
pub(super) async fn run(
    rtc: Rtc,
    talk: Talk,
    mut seat: Seat,
    around: &Surroundings,
    hangup: CancellationToken,
) -> End {
    let (Ok(incoming), Ok(encoder)) = (Incoming::new(), encoder()) else { return End::Broken };
    let (reports, mut reported) = mpsc::unbounded_channel();
    let (spoken, mut made) = mpsc::unbounded_channel();
    let begun = Instant::now();
    let mut call = Call {
        rtc,
        talk,
        around,
        local: around.hub.advertised()[0],
        incoming,
        encoder,
        channel: None,
        unsent: VecDeque::new(),
        line: None,
        pt: None,
        connected: false,
        begun,
        heard: false,
        ticks: 0,
        events: 0,
        sound_at: begun,
        packet_at: begun,
        utterances: HashMap::new(),
        reports,
        spoken,
        leaving: None,
    };
    let mut ticks = tokio::time::interval(TICK);
    // A late tick is caught up with: the receiver's clock must not lose any.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let end = loop {
        let wake = match call.drain() {
            Ok(wake) => wake,
            Err(error) => {
                tracing::debug!(%error, "The call's transport broke");
                break End::Broken;
            }
        };
        if let Some(end) = call.over(begun) {
            break end;
        }
        tokio::select! {
            biased;
            () = hangup.cancelled() => break End::HungUp,
            () = around.lifecycle.stopping() => break End::Stopping,
            _ = ticks.tick() => call.tick(),
            Some(datagram) = seat.datagrams.recv() => call.receive(&datagram),
            Some(report) = reported.recv() => call.talk.recognised(report, Instant::now()),
            Some((response_id, clip)) = made.recv() => call.talk.spoken(&response_id, clip),
            () = tokio::time::sleep_until(wake.into()) => {}
        }
        call.perform();
        if let Err(error) = call.rtc.handle_input(Input::Timeout(Instant::now())) {
            tracing::debug!(%error, "The call's transport broke");
            break End::Broken;
        }
    };
    if end != End::Dropped {
        call.farewell();
    }
    end
}

fn encoder() -> Result<Encoder, opus::Error> {
    // Speech of 16 kHz needs no resampling: Opus takes it as it is, and its clock counts 48 000 either way.
    let mut encoder = Encoder::new(RATE as u32, Channels::Mono, Application::Voip)?;
    encoder.set_bitrate(Bitrate::Bits(32_000))?;
    encoder.set_inband_fec(true)?;
    encoder.set_packet_loss_perc(5)?;
    Ok(encoder)
}

impl Call<'_> {
    /// Sends what is to be sent, hears what happened, and tells when to look again.
    fn drain(&mut self) -> Result<Instant, RtcError> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => return Ok(at),
                Output::Transmit(datagram) => self.around.hub.send(datagram.destination, &datagram.contents),
                Output::Event(event) => {
                    self.happened(event);
                    self.perform();
                }
            }
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => self.leave(End::Closed),
            Event::MediaAdded(media) if media.kind == MediaKind::Audio && self.line.is_none() => {
                self.line = Some(media.mid);
            }
            Event::MediaData(data) => self.hear(&data),
            Event::ChannelOpen(id, label) if label == CHANNEL && self.channel.is_none() => {
                self.channel = Some(id);
                self.talk.channel_open(Instant::now());
            }
            Event::ChannelData(ChannelData { id, binary: false, data }) if Some(id) == self.channel => {
                match std::str::from_utf8(&data) {
                    Ok(text) => self.talk.client_says(text, Instant::now()),
                    Err(_) => self.talk.client_says("", Instant::now()),
                }
            }
            Event::ChannelClose(id) if Some(id) == self.channel => self.leave(End::Closed),
            _ => {}
        }
    }

    fn hear(&mut self, data: &MediaData) {
        if data.data.is_empty() {
            return;
        }
        self.sound_at = Instant::now();
        let pcm = self.incoming.packet(data.time.rebase(Frequency::FORTY_EIGHT_KHZ).numer(), &data.data);
        self.talk.hear(&pcm, self.sound_at);
    }

    fn receive(&mut self, datagram: &Datagram) {
        let now = Instant::now();
        self.packet_at = now;
        let Ok(contents) = datagram.bytes.as_slice().try_into() else { return };
        let input = Input::Receive(
            now,
            Receive { proto: Protocol::Udp, source: datagram.source, destination: self.local, contents },
        );
        if self.rtc.accepts(&input)
            && let Err(error) = self.rtc.handle_input(input)
        {
            tracing::debug!(%error, "A datagram was refused");
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if self.talk.learner_speaks() && now.duration_since(self.sound_at) > SOUND_WITHIN {
            let silence = self.incoming.missing(samples(TICK.as_millis() as u64));
            self.talk.hear(&silence, now);
        }
        let pcm = self.talk.tick(now);
        self.ticks += 1;
        if !self.heard && self.talk.was_heard() {
            self.heard = true;
            metrics::histogram!("coach_first_audio_seconds").record(now.duration_since(self.begun));
        }
        if self.connected {
            self.play(&pcm, now);
        }
    }

    fn play(&mut self, pcm: &[i16; PACKET], now: Instant) {
        let Some(line) = self.line else { return };
        let Ok(packet) = self.encoder.encode_vec(pcm, LARGEST) else { return };
        let Some(writer) = self.rtc.writer(line) else { return };
        let opus = || {
            writer.payload_params().find(|params| params.spec().codec == Codec::Opus).map(PayloadParams::pt)
        };
        let Some(pt) = self.pt.or_else(opus) else { return };
        self.pt = Some(pt);
        let at = MediaTime::new(self.ticks * MEDIA_TICK, Frequency::FORTY_EIGHT_KHZ);
        if let Err(error) = writer.write(pt, now, at, packet) {
            tracing::debug!(%error, "A packet could not be sent");
        }
    }

    fn perform(&mut self) {
        for action in self.talk.take_actions() {
            match action {
                Action::Send(event) => {
                    self.events += 1;
                    let envelope = Envelope { event_id: format!("event_{}", self.events), event: &event };
                    match serde_json::to_vec(&envelope) {
                        Ok(json) => self.unsent.push_back(json),
                        Err(error) => tracing::error!(%error, "An event could not be written"),
                    }
                }
                Action::Speak { response_id, text, speed } => self.speak(response_id, text, speed),
                Action::Prepare { text, speed } => self.prepare(text, speed),
                Action::Open(utterance) => {
                    let heard = self.around.recognizer.open(utterance, self.reports.clone());
                    self.utterances.insert(utterance, heard);
                }
                Action::Sound(utterance, pcm) => {
                    if let Some(heard) = self.utterances.get_mut(&utterance) {
                        heard.hear(&pcm);
                    }
                }
                Action::End(utterance) => {
                    if let Some(heard) = self.utterances.remove(&utterance) {
                        heard.end();
                    }
                }
                Action::Forget(utterance) => drop(self.utterances.remove(&utterance)),
                Action::Close => self.leave(End::Expired),
            }
        }
        self.tell();
    }

    fn tell(&mut self) {
        let Some(mut channel) = self.channel.and_then(|id| self.rtc.channel(id)) else { return };
        while let Some(json) = self.unsent.front() {
            match channel.write(false, json) {
                Ok(true) => drop(self.unsent.pop_front()),
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!(%error, "An event could not be sent");
                    return;
                }
            }
        }
    }

    fn speak(&self, response_id: String, text: String, speed: f32) {
        let (voice, spoken) = (Arc::clone(&self.around.voice), self.spoken.clone());
        self.around.lifecycle.spawn(async move {
            let clip = voice.speak(&text, speed).await;
            // The call may have ended meanwhile.
            spoken.send((response_id, clip)).ok();
        });
    }

    fn prepare(&self, text: String, speed: f32) {
        let voice = Arc::clone(&self.around.voice);
        self.around.lifecycle.spawn(async move {
            // The voice remembers it; a failure will show when the words are wanted.
            voice.speak(&text, speed).await.ok();
        });
    }

    fn leave(&mut self, end: End) {
        // What was said last must still arrive, unless nobody is there to read it.
        let at = if end == End::Expired { Instant::now() + FAREWELL } else { Instant::now() };
        self.leaving.get_or_insert((at, end));
    }

    fn over(&self, begun: Instant) -> Option<End> {
        let now = Instant::now();
        if let Some((at, end)) = self.leaving
            && now >= at
        {
            return Some(end);
        }
        if !self.rtc.is_alive() {
            return Some(End::Closed);
        }
        if !self.connected && now.duration_since(begun) > CONNECT_WITHIN {
            return Some(End::NeverConnected);
        }
        if now.duration_since(self.packet_at) > SILENT_AFTER {
            return Some(End::Silent);
        }
        self.around.drop_after.is_some_and(|after| now.duration_since(begun) > after).then_some(End::Dropped)
    }

    /// Closes the connection so that the browser knows at once.
    fn farewell(&mut self) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "The call could not be closed");
            return;
        }
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(datagram)) => {
                    self.around.hub.send(datagram.destination, &datagram.contents);
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(_)) | Err(_) => return,
            }
        }
    }
}
