//! Pages of the log without holes, as the relay and the readers need them.

use std::sync::Arc;

use hydra_events::log::LogError;
use hydra_events::record::Position;
use hydra_events::{EventLog, Recorded};

/// Up to `limit` events that follow `after` without a hole; empty at the head of the log.
///
/// What stands before a damaged or missing record is returned; asked again, the record is the error.
pub(crate) async fn read(
    log: &dyn EventLog,
    after: Position,
    limit: usize,
) -> Result<Vec<Arc<Recorded>>, LogError> {
    let mut events = Vec::new();
    for (expected, record) in (after + 1..).zip(log.scan(after, limit).await?) {
        match record.and_then(|event| follows(expected, event)) {
            Ok(event) => events.push(Arc::new(event)),
            Err(error) if events.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(events)
}

fn follows(expected: Position, event: Recorded) -> Result<Recorded, LogError> {
    match event.position == expected {
        true => Ok(event),
        false => {
            let what = format!("it is missing, the next record is {}", event.position);
            Err(LogError::Damaged { position: expected, what })
        }
    }
}
