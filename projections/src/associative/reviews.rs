//! What was measured on a picture, and who decided about it under which policy.
//!
//! A review has the id of its picture, and a node for each quality try.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::approval::ApprovalEvent;
use hydra_events::vocabulary::review::ReviewEvent;
use hydra_events::vocabulary::terms::{DecidedBy, Score};
use hydra_events::wire::WireError;
use serde_json::json;

use super::EdgeKind;
use super::images::render;
use super::link::{End, decider, link, link_with};
use crate::view::{ViewOp, json, typed};

pub(super) fn review(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let image = event.stream.id();
    let judged = |quality_try, state: &str| {
        let judged = judged(image, quality_try);
        let mut ops = link(&render(image, quality_try), EdgeKind::JudgedIn, &judged);
        ops.push(judged.labelled(format!("try {quality_try}")).set("state", state));
        ops
    };
    let decided = |quality_try, state: &str, by: &DecidedBy, policy: u64| {
        let node = self::judged(image, quality_try);
        let mut ops = judged(quality_try, state);
        ops.extend(link(&node, EdgeKind::DecidedBy, &decider(by)));
        ops.extend(link(&node, EdgeKind::Under, &End::named("policy", policy)));
        ops
    };
    Ok(match typed(event)? {
        Some(ReviewEvent::ReviewOpened { quality_try, .. }) => judged(quality_try, "opened"),
        Some(ReviewEvent::PictureScored { quality_try, scores, .. }) => {
            let mut ops = judged(quality_try, "scored");
            ops.extend(scores.iter().flat_map(|score| measured(image, quality_try, score)));
            ops
        }
        Some(ReviewEvent::PictureRefused { quality_try, .. }) => judged(quality_try, "refused"),
        Some(ReviewEvent::ReviewApproved { quality_try, by, policy, .. }) => {
            decided(quality_try, "approved", &by, policy)
        }
        Some(ReviewEvent::ReviewRejected { quality_try, reasons, by, policy, .. }) => {
            let mut ops = decided(quality_try, "rejected", &by, policy);
            ops.push(self::judged(image, quality_try).row().set("details", json!({ "reasons": reasons })));
            ops
        }
        Some(ReviewEvent::ReviewUndecided { quality_try, .. }) => judged(quality_try, "undecided"),
        Some(ReviewEvent::ReviewSuperseded { quality_try }) => judged(quality_try, "superseded"),
        Some(ReviewEvent::ReviewWithdrawn { quality_try, .. }) => judged(quality_try, "withdrawn"),
        None => Vec::new(),
    })
}

pub(super) fn approval(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let approval = End::stream(&event.stream);
    Ok(match typed(event)? {
        Some(ApprovalEvent::ApprovalRequested { image, quality_try, reasons, default, .. }) => {
            let judged = judged(image.id(), quality_try);
            let mut ops = link(&judged, EdgeKind::AskedIn, &approval);
            let details = json!({ "reasons": reasons, "default": json(&default), "try": quality_try });
            let row = approval.labelled(event.stream.id());
            ops.push(row.set("state", "open").set("details", details));
            ops
        }
        Some(ApprovalEvent::ApprovalAnswered { verdict, by, note, quality_try, .. }) => {
            let details = json!({ "verdict": json(&verdict), "note": note, "try": quality_try });
            let mut ops = link_with(&approval, EdgeKind::DecidedBy, &decider(&by), details);
            ops.push(approval.row().set("state", "answered"));
            ops
        }
        Some(ApprovalEvent::ApprovalWithdrawn { .. }) => vec![approval.row().set("state", "withdrawn")],
        None => Vec::new(),
    })
}

/// The node of the review of one try.
fn judged(image: &str, quality_try: u32) -> End {
    End::named("review", format!("{image}/{quality_try}"))
}

/// What was measured; a score that could not be measured is none.
fn measured(image: &str, quality_try: u32, score: &Score) -> Vec<ViewOp> {
    let (Some(value), name) = (score.value, json(&score.name)) else { return Vec::new() };
    let name = name.as_str().unwrap_or_default();
    let node = End::named("score", format!("{image}/{quality_try}/{name}"));
    let mut ops = link(&judged(image, quality_try), EdgeKind::Measured, &node);
    ops.push(node.labelled(format!("{name} {value}")).set("details", json(score)));
    ops
}
