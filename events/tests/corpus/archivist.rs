//! Assets and reports.

use hydra_events::Timestamp;
use hydra_events::vocabulary::asset::{AssetCommand, AssetEvent};
use hydra_events::vocabulary::report::{ReportCommand, ReportEvent};

use super::samples::{blob, image, stream, text};
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![
        words("commands", "asset", &asset_commands()),
        words("events", "asset", &asset_events()),
        words("commands", "report", &report_commands()),
        words("events", "report", &report_events()),
    ]
}

fn asset_commands() -> Vec<AssetCommand> {
    vec![
        AssetCommand::FileAsset { blob: blob("result"), media_type: text("image/png"), referrer: image() },
        AssetCommand::ReleaseAsset { referrer: image() },
        AssetCommand::ConfirmDrop {},
    ]
}

fn asset_events() -> Vec<AssetEvent> {
    vec![
        AssetEvent::AssetFiled { blob: blob("result"), media_type: text("image/png"), referrer: image() },
        AssetEvent::AssetReleased { referrer: image() },
        AssetEvent::DropScheduled { due: Timestamp(1_795_307_034_123_456), ordinal: 1 },
        AssetEvent::DropWithdrawn { ordinal: 1 },
        AssetEvent::AssetDropped { ordinal: 2 },
    ]
}

fn report_commands() -> Vec<ReportCommand> {
    let chapter = stream("chapter-lighthouse");
    vec![
        ReportCommand::RequestReport { chapter, completion: 1, position: 4_711 },
        ReportCommand::AcceptReport { report: blob("report") },
    ]
}

fn report_events() -> Vec<ReportEvent> {
    let chapter = stream("chapter-lighthouse");
    vec![
        ReportEvent::ReportRequested { chapter, completion: 1, position: 4_711 },
        ReportEvent::ReportSuperseded { completion: 1 },
        ReportEvent::ReportCompiled { completion: 1, report: blob("report") },
    ]
}
