//! `hydra chapters`: the chapters there are, and how far they came.

use anyhow::Result;
use hydra_events::Timestamp;
use hydra_projections::rows::ChapterRow;

use super::Setting;
use crate::app::{Reading, require_log};
use crate::exit::Exit;
use crate::print;

/// Lists the chapters.
pub async fn run(setting: &Setting) -> Result<Exit> {
    require_log(&setting.data)?;
    let chapters = Reading::open(&setting.data).await?.views.chapters().await?;
    if setting.json {
        print::json(&chapters)?;
    } else if chapters.is_empty() {
        print::progress("no chapter yet: `hydra produce FILE` makes one");
    } else {
        let rows: Vec<_> = chapters.iter().map(cells).collect();
        print::table(
            &["chapter", "title", "state", "scenes", "missing", "revision", "requested", "completed"],
            &rows,
        )?;
    }
    Ok(Exit::Done)
}

fn cells(row: &ChapterRow) -> Vec<String> {
    let completed = row.completed_at.map_or_else(|| "-".to_owned(), |at| Timestamp(at).to_string());
    vec![
        row.id.clone(),
        row.title.clone(),
        row.state.clone(),
        row.scenes.to_string(),
        row.missing.to_string(),
        row.revision.to_string(),
        Timestamp(row.requested_at).to_string(),
        completed,
    ]
}
