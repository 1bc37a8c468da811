//! Recordings, from `upload`.

use super::{ANSWER, Breaker, Unavailable, call, channel};
use ids::{LearnerId, SessionId};
use std::{io, path::Path, sync::Arc, time::Duration};
use tokio::{fs::File, io::AsyncWriteExt as _};
use tonic::{Code, Status, Streaming, transport::Channel};
use url::Url;
use wire::upload::v1::{GetRecordingRequest, ReadRecordingChunk, recordings_client::RecordingsClient};

/// How long reading a whole recording may take.
const WHOLE: Duration = Duration::from_mins(2);
/// How long the next piece of one may take.
const PIECE: Duration = Duration::from_secs(10);

/// Who has the recordings.
#[derive(Clone, Debug)]
pub struct Recordings {
    client: RecordingsClient<Channel>,
    breaker: Arc<Breaker>,
}

/// Facts about a stored recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Which revision of it.
    pub revision: u32,
    /// How large it is.
    pub bytes: u64,
    /// Who is on which channel.
    pub channel_layout: String,
}

/// There is no recording to be had.
#[derive(Debug, thiserror::Error)]
pub enum RecordingsError {
    /// It was announced and is not there.
    #[error("the recording of session {0} is not there")]
    NotThere(SessionId),
    /// Not now.
    #[error("the recording of session {session} is not to be had now")]
    Unavailable {
        /// Which session's.
        session: SessionId,
        /// Why.
        #[source]
        why: Unavailable,
    },
    /// It could not be written to scratch.
    #[error("the recording of session {session} could not be written to scratch")]
    Scratch {
        /// Which session's.
        session: SessionId,
        /// Why.
        #[source]
        why: io::Error,
    },
}

impl Recordings {
    /// Asks at that address, once there is something to ask.
    pub fn at(url: &Url) -> Result<Self, tonic::transport::Error> {
        Ok(Self { client: RecordingsClient::new(channel(url)?), breaker: Arc::new(Breaker::new("upload")) })
    }

    /// What is known about the newest recording of a learner's session.
    pub async fn facts(&self, session: SessionId, learner: LearnerId) -> Result<Stored, RecordingsError> {
        let wanted = wanted(session, learner);
        let answer = call(&self.breaker, "Recordings/GetRecording", ANSWER, wanted, |request| {
            let mut client = self.client.clone();
            async move { client.get_recording(request).await }
        })
        .await;
        let stored = meant(session, answer)?.into_inner();
        Ok(Stored { revision: stored.revision, bytes: stored.bytes, channel_layout: stored.channel_layout })
    }

    /// Reads that recording into a file, no more and no less of it than it should have.
    pub async fn read(
        &self,
        session: SessionId,
        learner: LearnerId,
        stored: &Stored,
        into: &Path,
    ) -> Result<(), RecordingsError> {
        let scratch = |why| RecordingsError::Scratch { session, why };
        let wanted = wanted(session, learner);
        let answer = call(&self.breaker, "Recordings/ReadRecording", WHOLE, wanted, |request| {
            let (mut client, bytes) = (self.client.clone(), stored.bytes);
            async move {
                let pieces = client.read_recording(request).await?.into_inner();
                // Every try begins the file anew.
                written(pieces, bytes, into).await
            }
        })
        .await;
        let read = meant(session, answer)?.map_err(scratch)?;
        if read == stored.bytes {
            Ok(())
        } else {
            let why = Unavailable::Nonsense("the recording has another size than it should have");
            Err(RecordingsError::Unavailable { session, why })
        }
    }
}

/// Writes what comes into a file, until there is too much of it. Answers how much came, or why it cannot be written.
async fn written(
    mut pieces: Streaming<ReadRecordingChunk>,
    most: u64,
    into: &Path,
) -> Result<io::Result<u64>, Status> {
    let mut file = match File::create(into).await {
        Ok(file) => file,
        Err(why) => return Ok(Err(why)),
    };
    let mut read = 0;
    loop {
        let piece = tokio::time::timeout(PIECE, pieces.message())
            .await
            .map_err(|_| Status::deadline_exceeded("no next piece"))??;
        let Some(piece) = piece else { return Ok(file.flush().await.map(|()| read)) };
        read += piece.data.len() as u64;
        if read > most {
            return Ok(Ok(read));
        }
        if let Err(why) = file.write_all(&piece.data).await {
            return Ok(Err(why));
        }
    }
}

fn wanted(session: SessionId, learner: LearnerId) -> GetRecordingRequest {
    GetRecordingRequest { session_id: session.to_string(), learner_id: learner.to_string() }
}

fn meant<T>(session: SessionId, answer: Result<Result<T, Code>, Unavailable>) -> Result<T, RecordingsError> {
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(Code::NotFound)) => Err(RecordingsError::NotThere(session)),
        Ok(Err(code)) => Err(RecordingsError::Unavailable { session, why: Unavailable::Failed { code } }),
        Err(why) => Err(RecordingsError::Unavailable { session, why }),
    }
}
