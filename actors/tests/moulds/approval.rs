//! The lives of a question to a person, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::approval::ApprovalCommand;
use hydra_events::vocabulary::review::Verdict;

use crate::table::picture::{made, person, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    let answer =
        ApprovalCommand::AnswerApproval { verdict: Verdict::Approve, by: person(), note: "fine".into() };
    let withdraw = ApprovalCommand::WithdrawApproval { reason: "another try is under review".into() };
    vec![asked("answered").tell(&answer), asked("withdrawn").tell(&withdraw)]
}

fn asked(name: &'static str) -> Story {
    let question = ApprovalCommand::RequestApproval {
        review: stream("review-keeper"),
        image: stream("image-keeper"),
        quality_try: 1,
        blob: made(1).blob,
        scores: Vec::new(),
        reasons: vec!["aesthetic 6.6 is close to 6.5".into()],
        default: Verdict::Approve,
        chapter: "harbour".into(),
    };
    Story::new(name, "approval-keeper_1").tell(&question)
}
