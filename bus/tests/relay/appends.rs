//! A log in a folder of its own, and appends to put into it.

use std::sync::Arc;

use hydra_events::clock::SystemClock;
use hydra_events::log::SqliteLog;
use hydra_events::record::{Append, Draft, EventType, Meta, Position, Version, Visibility};
use hydra_events::{EventLog, Id, Timestamp};

/// A log, and the folder it lives in for as long as this does.
pub struct Log {
    pub log: Arc<SqliteLog>,
    _folder: tempfile::TempDir,
}

pub fn open() -> Log {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("log.db").display());
    Log { log: Arc::new(SqliteLog::open(&url, Arc::new(SystemClock)).unwrap()), _folder: folder }
}

/// An append of `count` events to the stream `image-<id>`, which is at `expected`.
pub fn append(id: &str, expected: Version, count: usize) -> Append {
    let command_id = Id::derive("test", &[id.as_bytes(), &expected.to_le_bytes()]);
    let draft = Draft {
        kind: EventType::new("image", "image_rendered", 1),
        payload: format!("{{\"after\":{expected}}}").into_bytes(),
        effect: None,
    };
    let meta = Meta {
        command_id,
        correlation_id: command_id,
        causation_id: command_id,
        time: Timestamp(0),
        principal: "test".into(),
        owner: "test".into(),
        visibility: Visibility::Household,
        trace: None,
        policy: 0,
        outcome: None,
        next: None,
    };
    Append {
        stream: format!("image-{id}").parse().unwrap(),
        expected,
        events: vec![draft; count],
        actor: "artist".into(),
        code: "test".into(),
        owes: false,
        command: (EventType::new("image", "accept_render", 1), b"{}".to_vec()),
        meta,
    }
}

impl Log {
    /// Appends events until the log ends at `last`, some at a time.
    pub async fn grow_to(&self, last: Position) {
        let mut head = self.log.head().await.unwrap();
        while head < last {
            let count = (last - head).min(100) as usize;
            let stream = format!("grown{head}");
            head = self.log.append(append(&stream, 0, count)).await.unwrap().last().unwrap().position;
        }
    }
}
