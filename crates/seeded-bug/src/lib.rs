#![doc = include_str!("../README.md")]

use std::{env, sync::OnceLock};

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A delivery is acknowledged before its effect is committed.
    AcknowledgedFirst,
    /// An event commits before its cause.
    SaidFirst,
    /// A relay says only what is newer than what it said last.
    NewerOnly,
    /// An event takes effect as often as it is delivered.
    HeardAgain,
    /// That an event was heard commits before its effect.
    NotedApart,
    /// Whoever lost a lease may still finish.
    NoFence,
    /// A sender is believed where a take goes on.
    OffsetBelieved,
    /// What storage says it put together is not looked at.
    NotLookedAt,
    /// A session is read, and sealed later, without a lock between.
    ReadThenSealed,
    /// One route forgets to ask whose session it is.
    AnybodysSession,
    /// What fails is tried again for ever.
    NoEnd,
    /// A deleted session leaves no tombstone.
    NoGrave,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::AcknowledgedFirst,
        Self::SaidFirst,
        Self::NewerOnly,
        Self::HeardAgain,
        Self::NotedApart,
        Self::NoFence,
        Self::OffsetBelieved,
        Self::NotLookedAt,
        Self::ReadThenSealed,
        Self::AnybodysSession,
        Self::NoEnd,
        Self::NoGrave,
    ];

    /// Its name in `SEEDED_BUG`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AcknowledgedFirst => "acknowledged-first",
            Self::SaidFirst => "said-first",
            Self::NewerOnly => "newer-only",
            Self::HeardAgain => "heard-again",
            Self::NotedApart => "noted-apart",
            Self::NoFence => "no-fence",
            Self::OffsetBelieved => "offset-believed",
            Self::NotLookedAt => "not-looked-at",
            Self::ReadThenSealed => "read-then-sealed",
            Self::AnybodysSession => "anybodys-session",
            Self::NoEnd => "no-end",
            Self::NoGrave => "no-grave",
        }
    }
}

/// Whether this mistake is made.
#[must_use]
pub fn is_made(bug: Bug) -> bool {
    cfg!(feature = "seeded") && chosen() == Some(bug)
}

/// Looked up once: no service knows of it, so it is none of its settings.
fn chosen() -> Option<Bug> {
    static CHOSEN: OnceLock<Option<Bug>> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let name = env::var_os("SEEDED_BUG")?;
        Bug::ALL.into_iter().find(|bug| name == bug.name())
    })
}
