//! A finished file: who refers to it, and when it is dropped.

use hydra_actors::archivist::asset::{Asset, AssetRejection};
use hydra_actors::decider::{Decider, Need};
use hydra_events::Timestamp;
use hydra_events::vocabulary::asset::{AssetCommand, AssetEvent};
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::terms::DecidedBy;

use crate::table::stream::{NOW, Stream, Table, hash, made, name, owed, reactions, shows, state};

const WEEK: i64 = 7 * 24 * 3_600_000_000;

fn stream() -> String {
    format!("asset-{}", hash("file"))
}

fn file(referrer: &str) -> AssetCommand {
    AssetCommand::FileAsset { blob: hash("file"), media_type: "image/png".into(), referrer: name(referrer) }
}

fn filed(referrer: &str) -> AssetEvent {
    AssetEvent::AssetFiled { blob: hash("file"), media_type: "image/png".into(), referrer: name(referrer) }
}

fn release(referrer: &str) -> AssetCommand {
    AssetCommand::ReleaseAsset { referrer: name(referrer) }
}

fn released(referrer: &str) -> AssetEvent {
    AssetEvent::AssetReleased { referrer: name(referrer) }
}

fn scheduled(ordinal: u32) -> AssetEvent {
    AssetEvent::DropScheduled { due: Timestamp(NOW.0 + WEEK), ordinal }
}

fn unwanted() -> Vec<AssetEvent> {
    vec![filed("image-a"), released("image-a"), scheduled(1)]
}

fn check(given: &[AssetEvent], when: AssetCommand, then: Result<Vec<AssetEvent>, AssetRejection>) {
    Table::of(&stream()).check::<Asset>(given, when, then);
}

#[test]
fn a_file_is_filed_once_for_each_that_refers_to_it() {
    check(&[], file("image-a"), Ok(vec![filed("image-a")]));
    check(&[filed("image-a")], file("image-a"), Ok(vec![]));
    check(&[filed("image-a")], file("image-b"), Ok(vec![filed("image-b")]));
    assert!(owed::<Asset>(&[filed("image-a")]).is_empty());
}

#[test]
fn a_file_belongs_into_the_stream_of_its_hash() {
    let when = AssetCommand::FileAsset {
        blob: hash("another"),
        media_type: "image/png".into(),
        referrer: name("image-a"),
    };
    check(&[], when, Err(AssetRejection::OtherFile(hash("another"))));
}

#[test]
fn a_file_nothing_refers_to_is_dropped_when_its_time_is_over() {
    let both = [filed("image-a"), filed("image-b")];
    check(&both, release("image-a"), Ok(vec![released("image-a")]));
    check(&both[..1], release("image-a"), Ok(vec![released("image-a"), scheduled(1)]));
    let owed = Asset::owed(&state::<Asset>(&unwanted()));
    assert_eq!(owed[0].key, "drop-1");
    assert_eq!(owed[0].need, Need::Timer(Timestamp(NOW.0 + WEEK)));
    assert_eq!(owed[0].effect.blob, hash("file"));
}

#[test]
fn the_policy_says_how_long_a_file_is_kept() {
    let table = Table::of(&stream()).with("drop_after_hours", 0.5);
    let soon = AssetEvent::DropScheduled { due: Timestamp(NOW.0 + 1_800_000_000), ordinal: 1 };
    table.check::<Asset>(&[filed("image-a")], release("image-a"), Ok(vec![released("image-a"), soon]));
}

#[test]
fn a_file_that_is_wanted_again_in_time_is_kept() {
    let withdrawn = AssetEvent::DropWithdrawn { ordinal: 1 };
    let kept = vec![withdrawn, filed("image-b")];
    check(&unwanted(), file("image-b"), Ok(kept.clone()));
    let given = [unwanted(), kept].concat();
    assert!(owed::<Asset>(&given).is_empty());
    check(&given, release("image-b"), Ok(vec![released("image-b"), scheduled(2)]));
    check(&given, AssetCommand::ConfirmDrop {}, Err(AssetRejection::InUse));
}

#[test]
fn a_dropped_file_may_be_filed_anew() {
    let dropped = AssetEvent::AssetDropped { ordinal: 1 };
    check(&unwanted(), AssetCommand::ConfirmDrop {}, Ok(vec![dropped.clone()]));
    let given = [unwanted(), vec![dropped]].concat();
    check(&given, AssetCommand::ConfirmDrop {}, Ok(vec![]));
    check(&given, file("image-a"), Ok(vec![filed("image-a")]));
    let again = [given, vec![filed("image-a")]].concat();
    check(&again, release("image-a"), Ok(vec![released("image-a"), scheduled(2)]));
}

#[test]
fn what_does_not_refer_to_a_file_cannot_release_it() {
    check(&[], release("image-a"), Err(AssetRejection::Unknown));
    check(&[], AssetCommand::ConfirmDrop {}, Err(AssetRejection::Unknown));
    check(&[filed("image-a")], release("image-b"), Err(AssetRejection::NotAReferrer(name("image-b"))));
    check(&unwanted(), release("image-a"), Err(AssetRejection::NotAReferrer(name("image-a"))));
}

#[test]
fn a_drop_survives_a_crash_and_ends_once() {
    let mut asset = Stream::<Asset>::of(&stream());
    asset.tell(&file("image-a")).unwrap();
    assert_eq!(asset.tell(&release("image-a")).unwrap(), ["asset_released", "drop_scheduled +drop-1"]);
    asset.crash();
    assert_eq!(asset.active(), ["drop-1"]);
    assert_eq!(asset.tell(&file("image-b")).unwrap(), ["drop_withdrawn -drop-1", "asset_filed"]);
    assert_eq!(asset.finish("drop-1", &AssetCommand::ConfirmDrop {}).unwrap(), ["outcome_refused"]);
    asset.tell(&release("image-b")).unwrap();
    assert_eq!(asset.finish("drop-2", &AssetCommand::ConfirmDrop {}).unwrap(), ["asset_dropped -drop-2"]);
    assert!(asset.active().is_empty());
}

#[test]
fn a_drop_that_fails_for_good_is_parked_and_can_be_unparked() {
    let mut asset = Stream::<Asset>::of(&stream());
    asset.tell(&file("image-a")).unwrap();
    asset.tell(&release("image-a")).unwrap();
    assert_eq!(asset.fail("drop-1", "read-only").unwrap(), ["effect_parked"]);
    assert!(asset.active().is_empty());
    asset.unpark().unwrap();
    assert_eq!(asset.active(), ["drop-1"]);
}

#[test]
fn pictures_and_lines_take_files_up_and_give_them_up() {
    let approved = ImageEvent::ImageApproved {
        quality_try: 1,
        made: made("file"),
        seed: 1,
        scores: vec![],
        by: DecidedBy::Policy {},
        policy: 1,
        shows: shows(),
        chapter: "night".into(),
    };
    let spoken = LineEvent::LineSpoken {
        scene: name("scene-a"),
        chapter: "night".into(),
        character: "KEEPER".into(),
        made: made("file"),
        voice: "warm".into(),
        length_ms: 1,
        take: 2,
    };
    let to = |command| vec![(name(&stream()), command)];
    let blob = hash("file");
    assert_eq!(reactions::<Asset, _>("image-a", &approved), to(file("image-a")));
    assert_eq!(reactions::<Asset, _>("line-a", &spoken), to(file("line-a")));
    let cancelled = ImageEvent::ImageCancelled { blob: Some(blob) };
    assert_eq!(reactions::<Asset, _>("image-a", &cancelled), to(release("image-a")));
    assert_eq!(reactions::<Asset, _>("image-a", &ImageEvent::ImageCancelled { blob: None }), []);
    let given_up = ImageEvent::PictureGivenUp { blob };
    assert_eq!(reactions::<Asset, _>("image-a", &given_up), [(name(&stream()), release("image-a"))]);
    let replaced = LineEvent::RecordingReplaced { blob };
    assert_eq!(reactions::<Asset, _>("line-a", &replaced), to(release("line-a")));
    let over = LineEvent::LineCancelled { blob: Some(blob) };
    assert_eq!(reactions::<Asset, _>("line-a", &over), to(release("line-a")));
}
