//! Turns, on speech as it comes through Opus or not.

use std::time::Duration;

use coach::sound::{Ears, Notice, Patience, RATE, loudness, ms};

use crate::speech::{joined, quieter, say, seconds, silence};

fn patient(silence_ms: u64) -> Patience {
    let silence = Duration::from_millis(silence_ms);
    Patience { silence, threshold: 0.5, coach_speaks: false, coach_level: 0.0 }
}

fn notices(pcm: &[i16], patience: impl Fn(usize) -> Patience) -> Vec<Notice> {
    let mut ears = Ears::default();
    let mut noticed = Vec::new();
    for (n, piece) in pcm.chunks(320).enumerate() {
        ears.hear(piece, patience(n), |_, notice, _| noticed.extend(notice));
    }
    noticed
}

fn turns(noticed: &[Notice]) -> (usize, usize) {
    let started = noticed.iter().filter(|notice| matches!(notice, Notice::Started { .. })).count();
    let stopped = noticed.iter().filter(|notice| matches!(notice, Notice::Stopped { .. })).count();
    (started, stopped)
}

#[tokio::test]
async fn sentences_apart_are_turns_and_a_pause_inside_one_is_not() {
    let one = say("on saturday i went to the market").await;
    let two = say("and then i met my sister in the park").await;
    let pcm = joined(&[&silence(1000), &one, &silence(900), &two, &silence(2500)]);
    let noticed = notices(&pcm, |_| patient(1600));
    assert_eq!(turns(&noticed), (1, 1), "{noticed:?}");
    assert!(noticed.contains(&Notice::Paused));
    let noticed = notices(&pcm, |_| patient(800));
    assert_eq!(turns(&noticed), (2, 2), "{noticed:?}");
}

#[tokio::test]
async fn a_turn_begins_and_ends_where_the_voice_does() {
    let one = say("on saturday i went to the market").await;
    let voice: Vec<usize> = one
        .chunks(160)
        .enumerate()
        .filter(|(_, piece)| loudness(piece) > 300.0)
        .map(|(n, _)| n * 10)
        .collect();
    let (first, last) = (voice[0] as u64, voice[voice.len() - 1] as u64);
    let noticed = notices(&joined(&[&silence(2000), &one, &silence(2500)]), |_| patient(1000));
    for notice in noticed {
        match notice {
            Notice::Started { at } => assert!(ms(at).abs_diff(2000 + first) <= 150, "{} for {first}", ms(at)),
            Notice::Stopped { at, voiced } => {
                assert!(ms(at).abs_diff(2000 + last) <= 200, "{} for {last}", ms(at));
                assert!(voiced.as_secs_f32() > seconds(one.len()) * 0.5);
            }
            Notice::Paused | Notice::Resumed { .. } => {}
        }
    }
}

#[tokio::test]
async fn silence_hum_and_clicks_are_no_speech() {
    let hum: Vec<i16> = (0..RATE * 5).map(|n| ((n as f32 * 0.0393).sin() * 3000.0) as i16).collect();
    let clicks: Vec<i16> = (0..RATE * 5).map(|n| if n % 8000 < 20 { 20_000 } else { 0 }).collect();
    for pcm in [silence(5000), hum, clicks] {
        assert_eq!(turns(&notices(&pcm, |_| patient(1000))), (0, 0));
    }
}

#[tokio::test]
async fn a_back_channel_does_not_interrupt_and_a_sentence_does() {
    let speaking = Patience { coach_speaks: true, ..patient(1000) };
    let yes: Vec<i16> = say("yes").await;
    let noticed = notices(&joined(&[&silence(1000), &yes, &silence(2000)]), |_| speaking);
    assert_eq!(turns(&noticed), (0, 0), "{noticed:?} from {} s", seconds(yes.len()));
    let wait = say("wait a moment please i want to say something").await;
    let noticed = notices(&joined(&[&silence(1000), &wait, &silence(2000)]), |_| speaking);
    assert_eq!(turns(&noticed).0, 1, "{noticed:?}");
}

#[tokio::test]
async fn the_coachs_own_voice_from_a_loudspeaker_does_not_interrupt_it() {
    let coach =
        say("Hi, I'm Mira. Let's talk about your weekend for about five minutes. What did you do?").await;
    let echo = joined(&[&silence(150), &quieter(&coach, 18.0)]);
    let level = |n: usize| {
        // The loudest of the last moments, fading, as the playout tells it.
        let from = n.saturating_sub(25);
        let parts = (from..=n).map(|k| {
            let piece = coach.get(k * 320..coach.len().min(k * 320 + 320)).unwrap_or_default();
            loudness(piece) * 0.9_f32.powf((n - k) as f32)
        });
        parts.fold(0.0, f32::max)
    };
    let noticed = notices(&echo, |n| Patience { coach_speaks: true, coach_level: level(n), ..patient(1000) });
    assert_eq!(turns(&noticed), (0, 0), "{noticed:?}");
}
