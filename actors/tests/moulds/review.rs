//! The lives of a review, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::review::{ReviewCommand, Verdict};
use hydra_events::vocabulary::terms::{DecidedBy, Score, ScoreName};

use crate::table::picture::{hash, made, person, shows, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        drawn("good enough").work("score-1", &scores(8.0)),
        drawn("not good enough, then good enough")
            .work("score-1", &scores(3.0))
            .tell(&open(2))
            .work("score-2", &scores(8.0)),
        drawn("refused by the gate").work("score-1", &refuse()),
        drawn("undecided, answered by a person")
            .work("score-1", &scores(6.6))
            .tell(&verdict(Verdict::Approve, person()))
            .tell(&verdict(Verdict::Reject, person())),
        drawn("undecided, answered by the default")
            .work("score-1", &scores(6.6))
            .tell(&verdict(Verdict::Reject, DecidedBy::Default {})),
        drawn("overtaken by another try").tell(&open(2)).work("score-2", &scores(8.0)),
        drawn("parked, unparked, measured")
            .fail("score-1", FailureKind::Permanent)
            .unpark()
            .work("score-1", &scores(6.6))
            .tell(&verdict(Verdict::Approve, person())),
        drawn("parked, answered by a person")
            .fail("score-1", FailureKind::Permanent)
            .tell(&verdict(Verdict::Approve, person())),
        drawn("withdrawn, and drawn again").tell(&withdraw()).tell(&open(2)).work("score-2", &scores(8.0)),
        drawn("undecided, withdrawn").work("score-1", &scores(6.6)).tell(&withdraw()),
        drawn("parked, withdrawn").fail("score-1", FailureKind::Permanent).tell(&withdraw()),
        drawn("a person is faster").tell(&verdict(Verdict::Approve, person())),
    ]
}

fn drawn(name: &'static str) -> Story {
    Story::new(name, "review-keeper_coat_happy_1").tell(&open(1))
}

fn open(quality_try: u32) -> ReviewCommand {
    let (image, blob) = (stream("image-keeper_coat_happy_1"), made(quality_try).blob);
    let (brief, shows, chapter) = (hash("brief"), shows(), "harbour".into());
    ReviewCommand::OpenReview { image, quality_try, blob, brief, shows, chapter }
}

fn scores(aesthetic: f64) -> ReviewCommand {
    let score = |name, value| Score { name, value, metric: "ruler".into(), version: "1".into() };
    let scores = vec![score(ScoreName::Aesthetic, Some(aesthetic)), score(ScoreName::Likeness, None)];
    ReviewCommand::AcceptScores { scores, duration_ms: 12 }
}

fn refuse() -> ReviewCommand {
    ReviewCommand::RefusePicture { reason: "not made here".into() }
}

fn verdict(verdict: Verdict, by: DecidedBy) -> ReviewCommand {
    ReviewCommand::RecordVerdict { quality_try: 1, verdict, by, note: String::new() }
}

fn withdraw() -> ReviewCommand {
    ReviewCommand::WithdrawReview { reason: "nobody wants the picture any more".into() }
}
