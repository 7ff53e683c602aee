//! `hydra approvals`: the pictures a person has to judge.

use anyhow::Result;
use hydra_events::Timestamp;
use hydra_events::vocabulary::approval::ApprovalCommand;
use hydra_events::vocabulary::review::Verdict;
use hydra_events::vocabulary::terms::DecidedBy;
use hydra_projections::Views;
use hydra_projections::rows::ApprovalRow;

use super::Setting;
use super::through::{self, After};
use crate::app::{Reading, require_log};
use crate::cli::{Approvals, Judge};
use crate::exit::{BadInput, Exit};
use crate::print;

/// Lists or answers.
pub async fn run(setting: &Setting, action: Approvals) -> Result<Exit> {
    require_log(&setting.data)?;
    let views = Reading::open(&setting.data).await?.views;
    match action {
        Approvals::List => list(setting, &views).await,
        Approvals::Approve(judge) => answer(setting, &views, judge, Verdict::Approve).await,
        Approvals::Reject(judge) => answer(setting, &views, judge, Verdict::Reject).await,
    }
}

async fn list(setting: &Setting, views: &Views) -> Result<Exit> {
    let open = views.open_approvals().await?;
    if setting.json {
        print::json(&open)?;
        return Ok(Exit::Done);
    }
    if open.is_empty() {
        print::progress("no picture waits for a person");
        return Ok(Exit::Done);
    }
    let cells = |row: &ApprovalRow| {
        let default = if row.default() == Verdict::Approve { "approve" } else { "reject" };
        let asked = Timestamp(row.asked_at).to_string();
        vec![row.id.to_string(), row.chapter.clone(), row.reasons.join("; "), default.to_owned(), asked]
    };
    let rows: Vec<_> = open.iter().map(cells).collect();
    print::table(&["approval", "chapter", "undecided because", "default", "asked"], &rows)?;
    Ok(Exit::Done)
}

async fn answer(setting: &Setting, views: &Views, judge: Judge, verdict: Verdict) -> Result<Exit> {
    let Judge { asset, note, by } = judge;
    let stream = through::stream_of(setting, &asset)?;
    let open = views.open_approvals().await?;
    let question = open.iter().find(|row| row.id == stream || row.image == stream || row.review == stream);
    let Some(question) = question else {
        let open = "`hydra approvals list` shows the open questions";
        return Err(BadInput(format!("nobody is asked about {stream}: {open}")).into());
    };
    let command = ApprovalCommand::AnswerApproval { verdict, by: DecidedBy::Person { name: by }, note };
    let commands = vec![through::command(&question.id, &command)?];
    let sent = through::send(setting, "approvals", commands, After::Finish).await?;
    let said = match verdict {
        Verdict::Approve => "approved",
        Verdict::Reject => "rejected",
    };
    sent.tell(setting, &format!("{said} {}", question.image))
}
