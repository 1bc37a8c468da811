//! Everything that crosses a process boundary in binary, generated from `proto/` and kept in git, so that
//! building needs no protobuf compiler. `cargo xtask derive proto` rewrites it; a test fails when it is stale.

#![expect(
    missing_docs,
    clippy::pedantic,
    unused_qualifications,
    reason = "generated code is documented in proto/"
)]

/// What services tell each other.
pub mod events {
    pub mod v1 {
        include!("generated/vivavoce.events.v1.rs");
    }
}

/// What can be practised.
pub mod topics {
    pub mod v1 {
        include!("generated/vivavoce.topics.v1.rs");
    }
}

/// Who practises what.
pub mod sessions {
    pub mod v1 {
        include!("generated/vivavoce.sessions.v1.rs");
    }
}

/// Stored recordings.
pub mod upload {
    pub mod v1 {
        include!("generated/vivavoce.upload.v1.rs");
    }
}

/// How a session went.
pub mod rating {
    pub mod v1 {
        include!("generated/vivavoce.rating.v1.rs");
    }
}
