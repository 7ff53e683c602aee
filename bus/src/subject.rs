//! The only place where subjects are spelled.
//!
//! What goes into a subject was checked before, so that no id can add a part to it or act as a wildcard.

pub mod pattern;

use std::fmt;
use std::str::FromStr;

use hydra_events::stream::{NameError, is_id};
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Recorded, StreamName};

pub use pattern::Pattern;

use crate::desk::Desk;

/// What every subject begins with, unless the server is shared with others.
pub const PREFIX_DEFAULT: &str = "hydra";

/// Longest subject, in bytes.
pub const SUBJECT_BYTES_MAX: usize = 512;

/// Longest prefix, in bytes.
const PREFIX_BYTES_MAX: usize = 60;

/// Most parts after the node in a live subject.
const TOPIC_PARTS_MAX: usize = 4;

/// Why a text cannot be a subject, or part of one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SubjectError {
    /// A part would break the subject.
    #[error("{0:?} cannot be part of a subject: use 1 to 100 of A-Z a-z 0-9 _ -")]
    Part(String),
    /// The prefix would break every subject.
    #[error(
        "{0:?} cannot begin a subject: use up to {PREFIX_BYTES_MAX} of A-Z a-z 0-9 _ - . with no empty part and no _ in front"
    )]
    Prefix(String),
    /// The subject is none of ours.
    #[error(
        "{subject:?} is no subject of {prefix}: {prefix}.evt.category.id.event is one, such as {prefix}.evt.image.x.image_rendered"
    )]
    Shape {
        /// The text.
        subject: String,
        /// What ours begin with.
        prefix: String,
    },
    /// The stream in the subject is none.
    #[error(transparent)]
    Stream(#[from] NameError),
    /// The kind of work is not known.
    #[error("no kind of work is called {0:?}: known are {known}", known = WorkKind::ALL.map(WorkKind::as_str).join(", "))]
    Kind(String),
    /// Nobody answers at such a desk.
    #[error("no desk is called {0:?}: known are {known}", known = Desk::ALL.map(Desk::as_str).join(", "))]
    Desk(String),
    /// The pattern could never match.
    #[error("{0:?} is no pattern: use parts of A-Z a-z 0-9 _ - with * for any part and > for the rest")]
    Pattern(String),
}

/// One part of a subject: `[A-Za-z0-9_-]{1,100}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part(String);

impl Part {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Part {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        match is_id(text) {
            true => Ok(Self(text.to_owned())),
            false => Err(SubjectError::Part(text.to_owned())),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What a subject is for: its second part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Every fact, published by the relay in log order.
    Events,
    /// Ask an actor and get its decision back.
    Commands,
    /// Tell an actor and do not wait.
    Incoming,
    /// Invitations to heavy work.
    Work,
    /// Copies of what was set aside.
    Dead,
    /// Facts told again.
    Replay,
    /// Heartbeats and progress.
    Live,
    /// Questions between Hydra's own processes.
    Desk,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Events,
        Self::Commands,
        Self::Incoming,
        Self::Work,
        Self::Dead,
        Self::Replay,
        Self::Live,
        Self::Desk,
    ];

    /// The word in the subject.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "evt",
            Self::Commands => "cmd",
            Self::Incoming => "in",
            Self::Work => "work",
            Self::Dead => "dead",
            Self::Replay => "replay",
            Self::Live => "live",
            Self::Desk => "desk",
        }
    }
}

/// A subject, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `evt.<category>.<id>.<event>`
    Event {
        /// The stream the event belongs to.
        stream: StreamName,
        /// The event's name, without category and version.
        event: Part,
    },
    /// `cmd.<actor>.<command>`
    Command {
        /// The actor that is asked.
        actor: Part,
        /// The command's name.
        command: Part,
    },
    /// `in.<actor>.<command>`
    Incoming {
        /// The actor that is told.
        actor: Part,
        /// The command's name.
        command: Part,
    },
    /// `work.<node>.<kind>`
    Work {
        /// The machine.
        node: Part,
        /// The kind of work.
        kind: WorkKind,
    },
    /// `dead.<actor>.<stream>`
    Dead {
        /// The actor that set it aside.
        actor: Part,
        /// The stream that should have been told.
        stream: StreamName,
    },
    /// `replay.<session>.<category>.<id>.<event>`
    Replay {
        /// The replay.
        session: Part,
        /// The stream the event belongs to.
        stream: StreamName,
        /// The event's name, without category and version.
        event: Part,
    },
    /// `live.<node>.<topic>`
    Live {
        /// The machine.
        node: Part,
        /// What is told, such as `heartbeat`: 1 to 4 parts.
        topic: Vec<Part>,
    },
    /// `desk.<desk>`
    Desk(Desk),
}

/// Spells subjects under one prefix, and reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    prefix: String,
}

impl Default for Subjects {
    fn default() -> Self {
        Self { prefix: PREFIX_DEFAULT.to_owned() }
    }
}

impl Subjects {
    /// Subjects under `prefix`, which may have several parts, such as `home.hydra`.
    pub fn try_new(prefix: &str) -> Result<Self, SubjectError> {
        let good =
            prefix.len() <= PREFIX_BYTES_MAX && !prefix.starts_with('_') && prefix.split('.').all(is_id);
        match good {
            true => Ok(Self { prefix: prefix.to_owned() }),
            false => Err(SubjectError::Prefix(prefix.to_owned())),
        }
    }

    /// What all of them begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The subject an event is published under.
    pub fn of_event(&self, event: &Recorded) -> String {
        self.join(Family::Events, &[event.stream.category(), event.stream.id(), event.kind.name()])
    }

    /// The subject as text.
    pub fn spell(&self, subject: &Subject) -> String {
        match subject {
            Subject::Event { stream, event } => {
                self.join(Family::Events, &[stream.category(), stream.id(), &event.0])
            }
            Subject::Command { actor, command } => self.join(Family::Commands, &[&actor.0, &command.0]),
            Subject::Incoming { actor, command } => self.join(Family::Incoming, &[&actor.0, &command.0]),
            Subject::Work { node, kind } => self.join(Family::Work, &[&node.0, kind.as_str()]),
            Subject::Dead { actor, stream } => self.join(Family::Dead, &[&actor.0, stream.as_str()]),
            Subject::Replay { session, stream, event } => {
                self.join(Family::Replay, &[&session.0, stream.category(), stream.id(), &event.0])
            }
            Subject::Live { node, topic } => {
                let parts: Vec<&str> = [node].into_iter().chain(topic).map(Part::as_str).collect();
                self.join(Family::Live, &parts)
            }
            Subject::Desk(desk) => self.join(Family::Desk, &[desk.as_str()]),
        }
    }

    /// Reads a subject that somebody used.
    pub fn parse(&self, text: &str) -> Result<Subject, SubjectError> {
        let shape = || SubjectError::Shape { subject: text.to_owned(), prefix: self.prefix.clone() };
        if text.len() > SUBJECT_BYTES_MAX {
            return Err(shape());
        }
        let rest = text.strip_prefix(self.prefix.as_str()).and_then(|rest| rest.strip_prefix('.'));
        let mut parts = rest.ok_or_else(shape)?.split('.');
        let word = parts.next().unwrap_or_default();
        let family = Family::ALL.into_iter().find(|family| family.as_str() == word).ok_or_else(shape)?;
        let parts: Vec<&str> = parts.collect();
        read(family, &parts).ok_or_else(shape)?
    }

    /// The pattern of the subjects of `family` whose further parts match `rest`, such as `image.>` for
    /// events.
    pub fn pattern(&self, family: Family, rest: &str) -> Result<Pattern, SubjectError> {
        self.join(family, &[rest]).parse()
    }

    /// Where a NATS server tells that a message of `stream` was offered as often as its consumer allows.
    pub fn advisories(stream: &str) -> String {
        format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.*")
    }

    fn join(&self, family: Family, parts: &[&str]) -> String {
        let mut subject = format!("{}.{}", self.prefix, family.as_str());
        for part in parts {
            subject.push('.');
            subject.push_str(part);
        }
        subject
    }
}

/// The subject of `family` with these parts; `None` when their number is wrong.
fn read(family: Family, parts: &[&str]) -> Option<Result<Subject, SubjectError>> {
    let subject = match (family, parts) {
        (Family::Events, [category, id, event]) => read_event(category, id, event),
        (Family::Commands, [actor, command]) => {
            both(actor, command).map(|(actor, command)| Subject::Command { actor, command })
        }
        (Family::Incoming, [actor, command]) => {
            both(actor, command).map(|(actor, command)| Subject::Incoming { actor, command })
        }
        (Family::Work, [node, kind]) => read_work(node, kind),
        (Family::Dead, [actor, stream]) => read_dead(actor, stream),
        (Family::Replay, [session, category, id, event]) => read_replay(session, category, id, event),
        (Family::Live, [node, topic @ ..]) if (1..=TOPIC_PARTS_MAX).contains(&topic.len()) => {
            read_live(node, topic)
        }
        (Family::Desk, [desk]) => read_desk(desk),
        _ => return None,
    };
    Some(subject)
}

fn both(first: &str, second: &str) -> Result<(Part, Part), SubjectError> {
    Ok((first.parse()?, second.parse()?))
}

fn read_event(category: &str, id: &str, event: &str) -> Result<Subject, SubjectError> {
    Ok(Subject::Event { stream: StreamName::try_new(category, id)?, event: event.parse()? })
}

fn read_replay(session: &str, category: &str, id: &str, event: &str) -> Result<Subject, SubjectError> {
    let stream = StreamName::try_new(category, id)?;
    Ok(Subject::Replay { session: session.parse()?, stream, event: event.parse()? })
}

fn read_work(node: &str, kind: &str) -> Result<Subject, SubjectError> {
    let known = WorkKind::ALL.into_iter().find(|known| known.as_str() == kind);
    Ok(Subject::Work { node: node.parse()?, kind: known.ok_or_else(|| SubjectError::Kind(kind.to_owned()))? })
}

fn read_dead(actor: &str, stream: &str) -> Result<Subject, SubjectError> {
    Ok(Subject::Dead { actor: actor.parse()?, stream: stream.parse()? })
}

fn read_desk(desk: &str) -> Result<Subject, SubjectError> {
    let known = Desk::ALL.into_iter().find(|known| known.as_str() == desk);
    Ok(Subject::Desk(known.ok_or_else(|| SubjectError::Desk(desk.to_owned()))?))
}

fn read_live(node: &str, topic: &[&str]) -> Result<Subject, SubjectError> {
    let topic = topic.iter().map(|part| part.parse()).collect::<Result<_, _>>()?;
    Ok(Subject::Live { node: node.parse()?, topic })
}
