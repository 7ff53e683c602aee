//! How a chapter is planned: what a specification holds, and what leaves it as it is.

use hydra_actors::director::plan::CastDocument;
use hydra_actors::screenplay::{Interior, TimeOfDay};
use hydra_events::ContentHash;
use hydra_events::vocabulary::chapter::{Fill, PlannedScene};
use hydra_events::vocabulary::character::{Consent, Reference};
use hydra_events::vocabulary::effect::FailureKind;

use crate::table::desk::Dictated;
use crate::table::studio::{Studio, example, lighthouse_cast};

fn lighthouse() -> Studio {
    Studio::new(lighthouse_cast(), Dictated::default())
}

fn bare() -> Studio {
    Studio::new(CastDocument::default(), Dictated::default())
}

/// The scenes of which the two plans have different specifications.
fn differing(one: &[PlannedScene], other: &[PlannedScene]) -> Vec<String> {
    let same = |scene: &&PlannedScene| other.contains(scene);
    one.iter().filter(|scene| !same(scene)).map(|scene| scene.scene.to_string()).collect()
}

#[tokio::test]
async fn a_plan_lists_scenes_and_speakers_in_story_order() {
    let planned = lighthouse().plan(&example("lighthouse.fountain")).await;
    assert_eq!((planned.plan.title.as_str(), planned.scenes.len()), ("Night", 8));
    let first = &planned.plan.scenes[0];
    assert_eq!((first.number, first.id.as_str()), (1, "ext_harbour_evening"));
    assert_eq!(first.scene.as_str(), "scene-night_ext_harbour_evening");
    assert_eq!((&first.scene, first.spec), (&planned.scenes[0].scene, planned.scenes[0].spec));
    let names: Vec<_> =
        planned.plan.cast.iter().map(|speaker| (speaker.id.as_str(), speaker.name.as_str())).collect();
    assert_eq!(names, [("nell", "Nell"), ("oskar", "Oskar"), ("ida", "Ida"), ("tam", "Tam")]);
    assert_eq!(planned.plan.cast[0].colour.as_deref(), Some("#4a6078"));
}

#[tokio::test]
async fn a_specification_holds_its_scene_and_the_profiles_of_those_who_speak_in_it() {
    let studio = lighthouse();
    let planned = studio.plan(&example("lighthouse.fountain")).await;
    let spec = studio.spec(&planned.scenes[4]).await;
    assert_eq!(
        (spec.chapter.as_str(), spec.heading.as_str()),
        ("night", "INT. LIGHTHOUSE KITCHEN - MORNING")
    );
    assert_eq!((spec.place.as_str(), spec.time_of_day), ("LIGHTHOUSE KITCHEN", TimeOfDay::Day));
    assert_eq!(spec.interior, Interior::Interior);
    let cast: Vec<_> = spec.cast.iter().map(|member| member.profile.name.as_str()).collect();
    assert_eq!(cast, ["Ida", "Nell", "Tam"]);
}

#[tokio::test]
async fn planning_twice_gives_the_same_documents() {
    let text = example("lighthouse.fountain");
    let (one, two) = (lighthouse().plan(&text).await, lighthouse().plan(&text).await);
    assert_eq!((one.plan, one.scenes), (two.plan, two.scenes));
}

#[tokio::test]
async fn an_edited_line_changes_the_specification_of_its_scene_alone() {
    let text = example("lighthouse.fountain");
    let edited = text.replace("Was it?", "Was it, though?\n\nShe looks away.");
    assert_ne!(text, edited);
    let studio = lighthouse();
    let (before, after) = (studio.plan(&text).await, studio.plan(&edited).await);
    assert_eq!(differing(&before.scenes, &after.scenes), ["scene-night_ext_rowing_boat_dusk"]);
}

#[tokio::test]
async fn scenes_in_another_order_have_the_specifications_they_had() {
    let text = example("lighthouse.fountain");
    let (rest, last) = text.split_once("EXT. LIGHTHOUSE ROCK - DAY").unwrap();
    let (rock, kitchen) = last.split_once("INT. LIGHTHOUSE KITCHEN - NIGHT").unwrap();
    let (head, story) = rest.split_once("EXT. HARBOUR - EVENING").unwrap();
    let moved = format!(
        "{head}EXT. LIGHTHOUSE ROCK - DAY{rock}EXT. HARBOUR - EVENING{story}INT. LIGHTHOUSE KITCHEN - NIGHT{kitchen}"
    );
    let studio = lighthouse();
    let (before, after) = (studio.plan(&text).await, studio.plan(&moved).await);
    assert_eq!(differing(&before.scenes, &after.scenes), Vec::<String>::new());
    assert_ne!(before.scenes, after.scenes);
    assert_eq!(
        (after.plan.scenes[0].number, after.plan.scenes[0].id.as_str()),
        (1, "ext_lighthouse_rock_day")
    );
}

#[tokio::test]
async fn one_person_under_two_names_is_one_character() {
    let text = "INT. HALL - DAY\n\nNELL HARROW\nHello.\n\nNELL\nHello again.\n\nMRS VANCE\nGood day.\n";
    let studio = lighthouse();
    let planned = studio.plan(text).await;
    let ids: Vec<_> = planned.plan.cast.iter().map(|speaker| speaker.id.as_str()).collect();
    assert_eq!(ids, ["nell", "ida"]);
    let spec = studio.spec(&planned.scenes[0]).await;
    let speakers: Vec<_> = spec.beats.iter().filter_map(|beat| beat.speaker()).collect();
    assert_eq!(speakers, ["nell", "nell", "ida"]);
    assert_eq!(spec.cast.len(), 2);
}

#[tokio::test]
async fn a_speaker_nobody_described_gets_a_profile_of_their_own() {
    let studio = bare();
    let planned = studio.plan("INT. HALL - DAY\n\nNELL\nHello.\n\nOTTO\nHello.\n").await;
    let spec = studio.spec(&planned.scenes[0]).await;
    let [nell, otto] = &spec.cast[..] else { panic!("two speak") };
    assert_eq!((nell.id.as_str(), otto.id.as_str()), ("nell", "otto"));
    assert_ne!(nell.profile.looks, otto.profile.looks);
}

#[tokio::test]
async fn a_silent_scene_to_be_filled_knows_who_is_mentioned_by_a_whole_name() {
    let mut studio = lighthouse();
    let text = "INT. HALL - DAY\n\nOskarine waits. Ida Vance and *Nell* come in.\n\nINT. LOFT - DAY\n\nNELL\nHello.\n";
    let silent = studio.plan(text).await.scenes[0].clone();
    assert_eq!(studio.spec(&silent).await.cast, []);
    studio.fill = Fill::Placeholders;
    let silent = studio.plan(text).await.scenes[0].clone();
    let spec = studio.spec(&silent).await;
    let ids: Vec<_> = spec.cast.iter().map(|member| member.id.as_str()).collect();
    assert_eq!(ids, ["ida", "nell"]);
}

#[track_caller]
fn fails_for_good<T>(result: Result<T, hydra_actors::ports::PortError>, message: &str) {
    let Err(error) = result else { panic!("it was planned") };
    assert_eq!(error.kind, FailureKind::Permanent);
    assert!(error.message.contains(message), "{}", error.message);
}

#[tokio::test]
async fn a_text_without_scenes_cannot_be_planned() {
    fails_for_good(bare().try_plan("Just some words.\n").await, "no scene");
    fails_for_good(bare().try_plan("").await, "no scene");
}

#[tokio::test]
async fn a_cast_with_a_reference_nobody_agreed_to_cannot_be_planned_with() {
    let mut studio = lighthouse();
    studio.cast.members[0].references.push(Reference {
        purpose: "face".into(),
        blob: ContentHash::of(b"face"),
        source: "found".into(),
        licence: "none".into(),
        consent: Consent::Unrecorded {},
    });
    fails_for_good(studio.try_plan(&example("lighthouse.fountain")).await, "Nell");
}
