//! Telling facts again, on subjects that nobody takes for the present.
//!
//! What is told here goes over the server without a stream: who listens hears it, and nothing is kept. The messages
//! are those of the events themselves, with one more header that names the replay.

use async_nats::HeaderMap;
use hydra_events::Recorded;

use super::link::{Link, unavailable};
use super::options::NatsOptions;
use crate::bus::BusError;
use crate::subject::{Family, Part, Pattern, Subject, SubjectError};
use crate::wire;

/// Tells facts again, all under one session's subjects.
pub struct Replayer {
    link: Link,
    session: Part,
    pattern: Pattern,
}

impl Replayer {
    /// Connects; nothing is made on the server, and nothing there is looked at.
    ///
    /// # Errors
    /// `Refused` when the options are wrong or the server refuses the sign-in; `Unavailable` when it cannot be reached.
    pub async fn connect(options: NatsOptions, session: Part) -> Result<Self, BusError> {
        let link = Box::pin(Link::connect(options)).await?;
        let pattern = link.subjects.pattern(Family::Replay, &format!("{session}.>"));
        Ok(Self { pattern: pattern.map_err(refused)?, link, session })
    }

    /// What to listen to in order to hear all of it.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Tells one fact; it has left once [`Self::settle`] returns.
    ///
    /// # Errors
    /// `Unavailable` when the connection is lost: a replay does not wait for its return, because whoever listened
    /// would miss a part of it unseen.
    pub async fn tell(&self, event: &Recorded) -> Result<(), BusError> {
        let name = event.kind.name().parse::<Part>().map_err(refused)?;
        let (session, stream) = (self.session.clone(), event.stream.clone());
        let subject = self.link.subjects.spell(&Subject::Replay { session, stream, event: name });
        let mut headers = HeaderMap::new();
        for (name, value) in wire::headers(event) {
            headers.insert(name, value);
        }
        headers.insert(wire::REPLAY, self.session.as_str());
        let body = wire::body(event).to_vec().into();
        let sent = async {
            self.link.client.publish_with_headers(subject, headers, body).await.map_err(unavailable)
        };
        self.link.during(sent).await
    }

    /// Returns once the server has everything that was told.
    pub async fn settle(&self) -> Result<(), BusError> {
        self.link.during(self.link.round_trip()).await
    }

    /// Says good-bye to the server.
    pub async fn close(self) {
        self.link.close().await;
    }
}

fn refused(error: SubjectError) -> BusError {
    BusError::Refused(error.to_string())
}
