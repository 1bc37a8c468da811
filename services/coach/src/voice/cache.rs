//! Sentences that are said again and again are made once.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::OnceCell;

use super::{Speaking, Voice, VoiceError};
use crate::sound::Clip;

/// Samples kept: about 17 minutes, 32 MB.
const MOST_SAMPLES: usize = 16_000_000;

type Key = (String, u32);

#[derive(Debug, Default)]
struct Kept {
    /// A cell is empty while its sentence is being made: who asks meanwhile waits for it.
    clips: HashMap<Key, Arc<OnceCell<Clip>>>,
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

    fn cell(&self, key: &Key) -> Arc<OnceCell<Clip>> {
        Arc::clone(self.lock().clips.entry(key.clone()).or_default())
    }

    fn remember(&self, key: Key, made: usize) {
        let mut kept = self.lock();
        kept.samples += made;
        kept.order.push_back(key);
        while kept.samples > MOST_SAMPLES {
            let Some(oldest) = kept.order.pop_front() else { break };
            let clip = kept.clips.remove(&oldest).and_then(|cell| cell.get().cloned());
            kept.samples -= clip.map_or(0, |clip| clip.len());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Voice> Voice for Cached<V> {
    fn speak<'a>(&'a self, text: &'a str, speed: f32) -> Speaking<'a> {
        Box::pin(async move {
            let key = (text.to_owned(), speed.to_bits());
            let cell = self.cell(&key);
            let mut made = None;
            let make = async {
                let clip = self.voice.speak(text, speed).await?;
                made = Some(clip.len());
                Ok::<_, VoiceError>(clip)
            };
            let clip = cell.get_or_try_init(|| make).await.cloned();
            if let Some(made) = made {
                self.remember(key, made);
            } else if clip.is_err() {
                self.lock().clips.remove(&key);
            }
            clip
        })
    }
}
