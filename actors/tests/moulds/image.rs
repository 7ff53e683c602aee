//! The lives of a picture, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::effect::FailureKind;

use crate::table::picture::{
    ORDER, SCENE, accept, approve, person, policy, refuse, reject, release, request, retry,
};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        asked("clean").work("render-1", &accept(1)).tell(&approve(1, policy())),
        rejected_once("rejected once").work("render-2", &accept(2)).tell(&approve(2, policy())),
        every_seed_rejected("every seed rejected, then retried")
            .tell_anew(&retry())
            .work("render-4", &accept(4))
            .tell(&reject(4, policy()))
            .work("render-5", &accept(5))
            .tell(&approve(5, policy())),
        asked("brief refused").work("render-1", &refuse()),
        asked("two failures")
            .fail("render-1", FailureKind::Transient)
            .fail("render-1", FailureKind::Transient)
            .work("render-1", &accept(1))
            .tell(&approve(1, policy())),
        asked("parked, asked for, unparked")
            .fail("render-1", FailureKind::Permanent)
            .tell(&request(ORDER))
            .unpark()
            .work("render-1", &accept(1))
            .tell(&approve(1, policy())),
        asked("parked and dropped")
            .fail("render-1", FailureKind::Permanent)
            .drop_parked()
            .tell(&release(SCENE)),
        asked("two requesters, one released")
            .tell(&request(ORDER))
            .tell(&release(SCENE))
            .work("render-1", &accept(1))
            .tell(&approve(1, policy())),
        asked("cancelled and wanted again")
            .tell(&release(SCENE))
            .tell(&request(ORDER))
            .work("render-2", &accept(2))
            .tell(&approve(2, policy())),
        every_seed_rejected("a person overrules the last no").tell(&approve(3, person())),
        asked("a person overrules a yes")
            .work("render-1", &accept(1))
            .tell(&approve(1, policy()))
            .tell(&reject(1, person()))
            .work("render-2", &accept(2))
            .tell(&approve(2, policy())),
        asked("approved, retried, replaced, released")
            .work("render-1", &accept(1))
            .tell(&approve(1, policy()))
            .tell_anew(&retry())
            .work("render-2", &accept(2))
            .tell(&approve(2, policy()))
            .tell(&release(SCENE)),
    ]
}

fn asked(name: &'static str) -> Story {
    Story::new(name, "image-keeper_coat_happy_1").tell(&request(SCENE))
}

fn rejected_once(name: &'static str) -> Story {
    asked(name).work("render-1", &accept(1)).tell(&reject(1, policy()))
}

fn every_seed_rejected(name: &'static str) -> Story {
    rejected_once(name)
        .work("render-2", &accept(2))
        .tell(&reject(2, policy()))
        .work("render-3", &accept(3))
        .tell(&reject(3, policy()))
}
