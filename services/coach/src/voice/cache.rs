//! Sentences that are said again and again are made once.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use super::{Speaking, Voice};
use crate::sound::Clip;

/// Samples kept: about 17 minutes, 32 MB.
const MOST_SAMPLES: usize = 16_000_000;

type Key = (String, u32);

#[derive(Debug, Default)]
struct Kept {
    clips: HashMap<Key, Clip>,
    order: VecDeque<Key>,
    samples: usize,
}

/// A voice with a memory. The oldest sentence goes first.
#[derive(Debug)]
pub struct Cached<V> {
    voice: V,
    kept: Mutex<Kept>,
}

impl<V: Voice> Cached<V> {
    /// Gives a voice a memory.
    pub fn new(voice: V) -> Self {
        Self { voice, kept: Mutex::default() }
    }

    fn remember(&self, key: Key, clip: &Clip) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.clips.insert(key.clone(), clip.clone()).is_none() {
            kept.samples += clip.len();
            kept.order.push_back(key);
        }
        while kept.samples > MOST_SAMPLES {
            let Some(oldest) = kept.order.pop_front() else { break };
            kept.samples -= kept.clips.remove(&oldest).map_or(0, |clip| clip.len());
        }
    }
}

impl<V: Voice> Voice for Cached<V> {
    fn speak<'a>(&'a self, text: &'a str, speed: f32) -> Speaking<'a> {
        Box::pin(async move {
            let key = (text.to_owned(), speed.to_bits());
            let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clips.get(&key).cloned();
            if let Some(clip) = known {
                return Ok(clip);
            }
            let clip = self.voice.speak(text, speed).await?;
            self.remember(key, &clip);
            Ok(clip)
        })
    }
}
