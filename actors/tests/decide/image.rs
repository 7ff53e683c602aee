//! What a picture may be told at each turn of its life, and what then becomes fact.

use hydra_actors::artist::image::Image;
use hydra_actors::decider::{Decider, Need};
use hydra_actors::policy::PolicyKey;
use hydra_events::vocabulary::image::{ImageCommand, ImageEvent};
use hydra_events::vocabulary::terms::WorkKind;

use crate::table::given::{Past, given};
use crate::table::picture::*;

const LAST_NO: &str = "every seed was rejected, the last one: blurred";
const PARKED: &str = "the engine does not answer";

fn picture(events: &[ImageEvent]) -> Past<Image> {
    given(events.iter().cloned())
}

fn in_review() -> Past<Image> {
    picture(&[requested(), rendered(1)])
}

fn parked() -> Vec<ImageEvent> {
    vec![requested(), missing(&[SCENE], PARKED)]
}

fn used_up() -> Vec<ImageEvent> {
    vec![requested(), rendered(1), rejected(1, policy()), missing(&[SCENE], LAST_NO)]
}

#[test]
fn the_first_request_makes_it_and_owes_its_render() {
    picture(&[]).when(request(SCENE)).then(&[requested()]);
    picture(&[]).owes(&[]);
    picture(&[requested()]).owes(&["render-1"]);
}

#[test]
fn the_same_request_again_changes_nothing() {
    picture(&[requested()]).when(request(SCENE)).nothing();
    in_review().when(request(SCENE)).nothing();
}

#[test]
fn another_brief_is_another_picture() {
    let mut other = request(ORDER);
    if let ImageCommand::RequestImage { brief, .. } = &mut other {
        *brief = hash("another brief");
    }
    picture(&[requested()]).when(other).refused("another brief");
}

#[test]
fn a_later_requester_is_told_at_once_what_the_others_were_told() {
    let approved = [requested(), rendered(1), approved(1, policy()), supplied(SCENE, 1)];
    let refused = [requested(), refused(), missing(&[SCENE], "not made here")];
    for (before, told) in [
        (vec![requested()], None),
        (vec![requested(), rendered(1)], None),
        (approved.to_vec(), Some(supplied(ORDER, 1))),
        (used_up(), Some(missing(&[ORDER], "every seed was rejected"))),
        (refused.to_vec(), Some(missing(&[ORDER], "not made here"))),
        (parked(), Some(missing(&[ORDER], PARKED))),
    ] {
        let then: Vec<_> = std::iter::once(added(ORDER)).chain(told).collect();
        picture(&before).when(request(ORDER)).then(&then);
    }
}

#[test]
fn what_was_drawn_goes_to_review_and_is_owed_no_more() {
    picture(&[requested()]).when(accept(1)).then(&[rendered(1)]);
    in_review().owes(&[]);
}

#[test]
fn nothing_is_accepted_or_refused_that_is_not_being_drawn() {
    for before in [vec![], vec![requested(), rendered(1)], used_up()] {
        picture(&before).when(accept(1)).refused("is not the one under way");
        picture(&before).when(refuse()).refused("is not the one under way");
    }
}

#[test]
fn a_refused_brief_tells_those_who_wait() {
    picture(&[requested(), added(ORDER)])
        .when(refuse())
        .then(&[refused(), missing(&[ORDER, SCENE], "not made here")]);
    picture(&[requested(), refused()]).owes(&[]);
}

#[test]
fn an_approved_picture_supplies_each_requester() {
    picture(&[requested(), added(ORDER), rendered(1)]).when(approve(1, policy())).then(&[
        approved(1, policy()),
        supplied(ORDER, 1),
        supplied(SCENE, 1),
    ]);
}

#[test]
fn the_same_verdict_again_changes_nothing() {
    picture(&[requested(), rendered(1), approved(1, policy())]).when(approve(1, policy())).nothing();
    picture(&used_up()).when(reject(1, policy())).nothing();
}

#[test]
fn a_verdict_on_another_try_is_refused() {
    for quality_try in [0, 2] {
        in_review().when(approve(quality_try, policy())).refused("is not the one under way: it is in review");
        in_review().when(reject(quality_try, policy())).refused("is not the one under way: it is in review");
    }
    picture(&[requested()]).when(approve(1, policy())).refused("it is being drawn");
    picture(&[]).when(reject(1, policy())).refused("nobody has asked for it");
}

#[test]
fn a_rejected_picture_is_drawn_with_another_seed() {
    in_review().when(reject(1, policy())).then(&[rejected(1, policy()), reopened(2, "blurred", &[])]);
    let events = [requested(), rendered(1), rejected(1, policy()), reopened(2, "blurred", &[])];
    picture(&events).owes(&["render-2"]);
    let seed = |past: Past<Image>| Image::owed(&past.state)[0].effect.seed;
    assert_ne!(seed(picture(&events)), seed(picture(&[requested()])));
}

#[test]
fn a_seed_depends_on_nothing_but_chapter_picture_and_try() {
    let seeds = |events: &[ImageEvent]| Image::owed(&picture(events).state)[0].effect.seed;
    assert_eq!(seeds(&[requested()]), seeds(&[requested(), added(ORDER)]));
    assert!(seeds(&[requested()]) < 1 << 53);
}

#[test]
fn when_every_seed_is_rejected_those_who_wait_are_told() {
    in_review()
        .under(PolicyKey::ImageTries, 1.0)
        .when(reject(1, policy()))
        .then(&[rejected(1, policy()), missing(&[SCENE], LAST_NO)]);
}

#[test]
fn a_retry_begins_a_new_round_of_tries() {
    picture(&used_up()).when(retry()).then(&[reopened(2, "once more", &[SCENE])]);
    let retried = [used_up(), vec![reopened(2, "once more", &[SCENE]), rendered(2)]].concat();
    picture(&retried)
        .under(PolicyKey::ImageTries, 2.0)
        .when(reject(2, policy()))
        .then(&[rejected(2, policy()), reopened(3, "blurred", &[])]);
}

#[test]
fn a_picture_that_is_wanted_again_gets_a_full_round_of_tries() {
    let wanted = [requested(), rendered(1), released(SCENE), cancelled(Some(1)), added(ORDER)];
    let again = [&wanted[..], &[reopened(2, "it is wanted again", &[]), rendered(2)]].concat();
    picture(&again)
        .under(PolicyKey::ImageTries, 2.0)
        .when(reject(2, policy()))
        .then(&[rejected(2, policy()), reopened(3, "blurred", &[])]);
}

#[test]
fn an_unparked_render_goes_on_with_the_same_round_of_tries() {
    let events = [parked(), vec![reopened(1, "its render was unparked", &[SCENE]), rendered(1)]].concat();
    picture(&events)
        .under(PolicyKey::ImageTries, 1.0)
        .when(reject(1, policy()))
        .then(&[rejected(1, policy()), missing(&[SCENE], LAST_NO)]);
}

#[test]
fn what_is_under_way_or_unknown_or_unwanted_cannot_be_retried() {
    picture(&[]).when(retry()).refused("no such picture");
    picture(&[requested()]).when(retry()).refused("already being made");
    in_review().when(retry()).refused("already being made");
    picture(&parked()).when(retry()).refused(PARKED);
    picture(&[requested(), released(SCENE), cancelled(None)])
        .when(retry())
        .refused("nobody wants this picture");
}

#[test]
fn an_approved_picture_can_be_retried() {
    picture(&[requested(), rendered(1), approved(1, policy())]).when(retry()).then(&[reopened(
        2,
        "once more",
        &[SCENE],
    )]);
}

#[test]
fn a_person_overrules_the_last_no() {
    picture(&used_up()).when(approve(1, person())).then(&[approved(1, person()), supplied(SCENE, 1)]);
}

#[test]
fn a_person_overrules_a_yes() {
    picture(&supplied_once()).when(reject(1, person())).then(&[
        rejected(1, person()),
        reopened(2, "blurred", &[SCENE]),
        given_up(1),
    ]);
}

#[test]
fn the_last_release_cancels_it_and_names_its_file() {
    let two = [requested(), added(ORDER), rendered(1)];
    picture(&two).when(release(SCENE)).then(&[released(SCENE)]);
    in_review().when(release(SCENE)).then(&[released(SCENE), cancelled(Some(1))]);
    picture(&[requested()]).when(release(SCENE)).then(&[released(SCENE), cancelled(None)]);
    picture(&[requested(), released(SCENE), cancelled(None)]).owes(&[]);
    picture(&parked()).when(release(SCENE)).then(&[released(SCENE), cancelled(None)]);
    picture(&two).when(release("scene-other")).refused("does not ask");
}

#[test]
fn a_cancelled_picture_is_drawn_again_under_another_key_when_it_is_wanted_again() {
    let before = [requested(), released(SCENE), cancelled(None)];
    picture(&before).when(request(ORDER)).then(&[added(ORDER), reopened(2, "it is wanted again", &[])]);
    let after = [&before[..], &[added(ORDER), reopened(2, "it is wanted again", &[])]].concat();
    picture(&after).owes(&["render-2"]);
}

#[test]
fn a_parked_render_tells_those_who_wait_and_is_still_owed() {
    let past = picture(&[requested(), added(ORDER)]);
    assert_eq!(Image::parked(&past.state, "render-1", PARKED), [missing(&[ORDER, SCENE], PARKED)]);
    picture(&parked()).owes(&["render-1"]);
}

#[test]
fn an_unparked_render_tells_all_who_wait_by_then() {
    let past = picture(&[parked(), vec![added(ORDER), missing(&[ORDER], PARKED)]].concat());
    let told = Image::unparked(&past.state, "render-1");
    assert_eq!(told, [reopened(1, "its render was unparked", &[ORDER, SCENE])]);
}

fn supplied_once() -> Vec<ImageEvent> {
    vec![requested(), rendered(1), approved(1, policy()), supplied(SCENE, 1)]
}

fn drawn_anew(more: &[ImageEvent]) -> Past<Image> {
    let again = [reopened(2, "once more", &[SCENE])];
    picture(&[&supplied_once(), &again[..], more].concat())
}

#[test]
fn an_approved_picture_is_in_use_until_another_has_taken_its_place() {
    drawn_anew(&[rendered(2)])
        .when(reject(2, policy()))
        .then(&[rejected(2, policy()), reopened(3, "blurred", &[])]);
    drawn_anew(&[rendered(2)]).when(approve(2, policy())).then(&[
        approved(2, policy()),
        supplied(SCENE, 2),
        given_up(1),
    ]);
    let replaced = [rendered(2), approved(2, policy()), supplied(SCENE, 2), given_up(1)];
    drawn_anew(&replaced).when(release(SCENE)).then(&[released(SCENE), cancelled(Some(2))]);
}

#[test]
fn the_same_file_again_stays_in_use() {
    let mut again = [rendered(2), approved(2, policy())];
    for event in &mut again {
        let (ImageEvent::ImageRendered { made: file, .. } | ImageEvent::ImageApproved { made: file, .. }) =
            event
        else {
            unreachable!()
        };
        *file = made(1);
    }
    drawn_anew(&again[..1]).when(approve(2, policy())).then(&[again[1].clone(), supplied(SCENE, 1)]);
}

#[test]
fn an_approved_picture_is_given_up_when_nothing_takes_its_place() {
    let last = "every seed was rejected, the last one: blurred";
    drawn_anew(&[rendered(2)]).under(PolicyKey::ImageTries, 1.0).when(reject(2, policy())).then(&[
        rejected(2, policy()),
        missing(&[SCENE], last),
        given_up(1),
    ]);
    drawn_anew(&[]).when(refuse()).then(&[refused(), missing(&[SCENE], "not made here"), given_up(1)]);
    drawn_anew(&[]).when(release(SCENE)).then(&[released(SCENE), given_up(1), cancelled(None)]);
    drawn_anew(&[rendered(2)]).when(release(SCENE)).then(&[released(SCENE), given_up(1), cancelled(Some(2))]);
    picture(&supplied_once()).when(release(SCENE)).then(&[released(SCENE), cancelled(Some(1))]);
}

#[test]
fn who_is_in_more_of_a_hurry_raises_the_priority_of_what_is_owed() {
    let hurried = |requester: &str, hurry: i32| {
        let mut wanted = request(requester);
        if let ImageCommand::RequestImage { priority, .. } = &mut wanted {
            *priority = hurry;
        }
        wanted
    };
    let raised = ImageEvent::RequesterAdded { requester: stream(ORDER), priority: Some(5) };
    picture(&[requested()]).when(hurried(ORDER, 5)).then(std::slice::from_ref(&raised));
    for patient in [0, -5] {
        picture(&[requested()]).when(hurried(ORDER, patient)).then(&[added(ORDER)]);
    }
    let owed = Image::owed(&picture(&[requested(), raised, added("scene-other")]).state).remove(0);
    assert_eq!(
        (owed.key.as_str(), owed.need),
        ("render-1", Need::Heavy { kind: WorkKind::Image, priority: 5 })
    );
}
