//! Folders made from hand-made rows, on a real disk.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use hydra_actors::director::plan::{ChapterPlan, PlanScene, PlanSpeaker};
use hydra_actors::writer::script::SceneScript;
use hydra_events::content::FolderStore;
use hydra_events::{ContentHash, ContentStore, StreamName};
use hydra_projections::rows::{ChapterRow, ImageRow, LineRow, OrderRow, SceneRow};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::portraits::Ordered;
use super::story::{Story, StoryScene};
use super::{Built, asset_of, build_story, disk, portraits};

/// A chapter of one scene: a background, a bust with two candidates, one that is missing, and two lines.
struct Studio {
    folder: TempDir,
    content: FolderStore,
    story: Story,
}

impl Studio {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let content = FolderStore::try_open(&folder.path().join("content")).unwrap();
        let report = content.put(b"# Report\n".to_vec()).await.unwrap();
        let story = story(&content, report).await;
        Self { folder, content, story }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("out/lighthouse")
    }

    async fn build(&self) -> Built {
        build_story(&self.story, &self.content, &self.root()).await.unwrap()
    }

    fn dialogue(&self) -> Value {
        serde_json::from_slice(&fs::read(self.root().join("scenes/01-lamp-room/dialogue.json")).unwrap())
            .unwrap()
    }
}

async fn story(content: &FolderStore, report: ContentHash) -> Story {
    let scene = name("scene-lighthouse_lamp_room");
    let images = vec![
        image(content, "image-room", "background", ("lamp_room", "night", "", 1), Some(5.0)).await,
        image(content, "image-happy_c1", "bust", ("keeper", "everyday", "happy", 1), Some(4.0)).await,
        image(content, "image-happy_c2", "bust", ("keeper", "everyday", "happy", 2), Some(7.0)).await,
        image(content, "image-sad", "bust", ("keeper", "everyday", "sad", 1), None).await,
    ];
    let lines = vec![line(content, "line-one", true).await, line(content, "line-two", false).await];
    let row = scene_row(&scene, &images, &lines);
    let script: SceneScript = serde_json::from_value(script()).unwrap();
    Story {
        row: ChapterRow {
            id: "lighthouse".into(),
            title: "The Lighthouse".into(),
            report: Some(report),
            ..ChapterRow::default()
        },
        plan: plan(scene.clone(), report),
        scenes: vec![StoryScene { number: 1, row, script }],
        images: images.into_iter().map(|image| (image.id.clone(), image)).collect(),
        lines: lines.into_iter().map(|line| (line.id.clone(), line)).collect(),
        told: [(name("line-two"), "the voice is hoarse".to_owned())].into(),
    }
}

fn plan(scene: StreamName, spec: ContentHash) -> ChapterPlan {
    let (id, heading) = ("lamp_room".into(), "INT. LAMP ROOM - NIGHT".into());
    let speaker = PlanSpeaker { id: "keeper".into(), name: "Keeper".into(), colour: None };
    let scenes = vec![PlanScene { number: 1, id, heading, scene, spec }];
    ChapterPlan { title: "The Lighthouse".into(), scenes, cast: vec![speaker] }
}

fn script() -> Value {
    let said = |id: &str, expression: &str, bust: &[&str], voice: &str| {
        json!({
            "kind": "line", "id": id, "speaker": "keeper", "speaker_name": "Keeper", "text": "It turns.",
            "spoken": "It turns.", "expression": expression, "directions": ["whispering"],
            "presence": "on_screen", "dual": null, "origin": "screenplay", "bust": bust, "voice": voice,
        })
    };
    json!({
        "chapter": "lighthouse", "scene": "lamp_room", "heading": "INT. LAMP ROOM - NIGHT", "place": "LAMP ROOM",
        "time_of_day": "night", "interior": "interior", "background": ["image-room"],
        "beats": [
            said("l1", "happy", &["image-happy_c1", "image-happy_c2"], "line-one"),
            { "kind": "pause", "origin": "screenplay" },
            said("l2", "sad", &["image-sad"], "line-two"),
        ],
    })
}

fn scene_row(scene: &StreamName, images: &[ImageRow], lines: &[LineRow]) -> SceneRow {
    let wanted: Vec<Value> = images
        .iter()
        .map(|image| {
            let shows = json!({
                "subject": image.subject, "kind": image.kind, "outfit": image.outfit,
                "expression": image.expression, "candidate": image.candidate,
            });
            json!({ "image": image.id, "brief": image.brief, "shows": shows })
        })
        .collect();
    let spoken: Vec<Value> = lines
        .iter()
        .map(|line| json!({ "line": line.id, "speech": line.speech, "character": "keeper" }))
        .collect();
    serde_json::from_value(json!({ "id": scene, "chapter": "lighthouse", "images": wanted, "lines": spoken }))
        .unwrap()
}

async fn image(
    content: &FolderStore,
    stream: &str,
    kind: &str,
    (subject, outfit, expression, candidate): (&str, &str, &str, u32),
    score: Option<f64>,
) -> ImageRow {
    let shows = json!({
        "subject": subject, "kind": kind, "outfit": outfit, "expression": expression, "candidate": candidate,
    });
    let brief = json!({ "shows": shows, "prompt": format!("draw {stream}"), "width": 8, "height": 8 });
    let brief = content.put(brief.to_string().into_bytes()).await.unwrap();
    let mut row = json!({
        "id": stream, "chapter": "lighthouse", "kind": kind, "subject": subject, "outfit": outfit,
        "expression": expression, "candidate": candidate, "brief": brief, "seed": 7, "engine": "studio",
        "engine_version": "1", "events": [{ "id": "e1", "position": 4, "type": "image.image_approved.v1" }],
    });
    if let Some(score) = score {
        row["blob"] = json!(content.put(stream.as_bytes().to_vec()).await.unwrap());
        row["state"] = "approved".into();
        row["decided_by"] = json!({ "default": {} });
        row["scores"] = json!([{ "name": "aesthetic", "value": score, "metric": "studio", "version": "1" }]);
    } else {
        row["state"] = "rejected".into();
        row["missing_reason"] = "too dark".into();
        row["rejections"] = json!([{ "quality_try": 1, "reasons": ["too dark"], "by": { "policy": {} } }]);
    }
    serde_json::from_value(row).unwrap()
}

async fn line(content: &FolderStore, stream: &str, is_there: bool) -> LineRow {
    let speech = json!({ "character": "keeper", "text": "It turns.", "emotion": "happy", "speed": 1.0, "pitch_shift": 0.0 });
    let speech = content.put(speech.to_string().into_bytes()).await.unwrap();
    let blob = content.put(stream.as_bytes().to_vec()).await.unwrap();
    let (state, blob) = if is_there { ("spoken", Some(blob)) } else { ("missing", None) };
    let row = json!({ "id": stream, "character": "keeper", "speech": speech, "state": state, "blob": blob });
    serde_json::from_value(row).unwrap()
}

fn name(stream: &str) -> StreamName {
    stream.parse().unwrap()
}

/// Every file below `root`, with its bytes.
fn snapshot(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files.push((path.clone(), fs::read(path).unwrap()))
            }
        }
    }
    files.sort();
    files
}

#[tokio::test]
async fn a_chapter_has_its_scenes_its_game_its_report_and_its_provenance() {
    let studio = Studio::new().await;
    let built = studio.build().await;
    for file in [
        "scenes/01-lamp-room/dialogue.json",
        "scenes/01-lamp-room/images/lamp-room-night.png",
        "scenes/01-lamp-room/images/keeper-everyday-happy.png",
        "scenes/01-lamp-room/images/keeper-everyday-happy-alt-1.png",
        "scenes/01-lamp-room/voice/keeper-l1.wav",
        "renpy/game/script.rpy",
        "report.md",
        "provenance.json",
    ] {
        assert!(studio.root().join(file).is_file(), "{file} is not there");
    }
    assert_eq!((built.scenes, built.images, built.approved, built.rejected, built.lines), (1, 4, 3, 1, 1));
    assert_eq!(built.missing, ["image-sad: too dark", "line-two: the voice is hoarse"]);
    assert_eq!(built.defaulted, ["image-happy_c1", "image-happy_c2", "image-room"]);
    assert_eq!(built.written, built.files);
}

#[tokio::test]
async fn the_best_candidate_is_the_one_that_is_shown() {
    let studio = Studio::new().await;
    studio.build().await;
    let shown = fs::read(studio.root().join("scenes/01-lamp-room/images/keeper-everyday-happy.png")).unwrap();
    assert_eq!(shown, b"image-happy_c2");
    let beats = &studio.dialogue()["beats"];
    assert_eq!(beats[0]["image"], "images/keeper-everyday-happy.png");
    assert_eq!(beats[0]["voice"], "voice/keeper-l1.wav");
    assert_eq!(beats[0]["missing"], Value::Null);
}

#[tokio::test]
async fn what_is_missing_is_null_with_its_reason() {
    let studio = Studio::new().await;
    studio.build().await;
    let beat = &studio.dialogue()["beats"][2];
    assert_eq!((&beat["image"], &beat["voice"]), (&Value::Null, &Value::Null));
    assert_eq!(beat["missing"], json!({ "image": "too dark", "voice": "the voice is hoarse" }));
}

#[tokio::test]
async fn a_second_build_writes_nothing() {
    let studio = Studio::new().await;
    studio.build().await;
    let before = snapshot(&studio.root());
    let again = studio.build().await;
    assert_eq!((again.written, again.removed), (0, 0));
    assert_eq!(snapshot(&studio.root()), before);
}

#[tokio::test]
async fn a_damaged_folder_heals_and_keeps_what_a_person_added() {
    let studio = Studio::new().await;
    studio.build().await;
    let whole = snapshot(&studio.root());
    let root = studio.root();
    fs::write(root.join("report.md"), "half a rep").unwrap();
    fs::remove_file(root.join("renpy/game/script.rpy")).unwrap();
    fs::remove_dir_all(root.join("scenes/01-lamp-room/images")).unwrap();
    fs::create_dir_all(root.join("scenes/02-gone")).unwrap();
    fs::write(root.join("scenes/02-gone/dialogue.json"), "{}").unwrap();
    let mut listed: Vec<String> = serde_json::from_slice(&fs::read(root.join(disk::LIST)).unwrap()).unwrap();
    listed.extend(["scenes/02-gone/dialogue.json".to_owned(), "../../precious".to_owned()]);
    fs::write(root.join(disk::LIST), serde_json::to_vec(&listed).unwrap()).unwrap();
    let precious = studio.folder.path().join("precious");
    fs::write(&precious, "outside").unwrap();
    fs::write(root.join("notes.txt"), "mine").unwrap();

    let healed = studio.build().await;

    assert_eq!((healed.written, healed.removed), (5, 1));
    assert!(precious.is_file() && !root.join("scenes/02-gone").exists());
    assert_eq!(fs::read_to_string(root.join("notes.txt")).unwrap(), "mine");
    fs::remove_file(root.join("notes.txt")).unwrap();
    assert_eq!(snapshot(&root), whole);
}

#[tokio::test]
async fn nothing_is_written_or_removed_through_a_link_that_leaves_the_folder() {
    let studio = Studio::new().await;
    studio.build().await;
    let (root, outside) = (studio.root(), studio.folder.path().join("outside"));
    fs::create_dir_all(outside.join("images")).unwrap();
    fs::write(outside.join("dialogue.json"), "precious").unwrap();
    fs::remove_dir_all(root.join("scenes/01-lamp-room")).unwrap();
    symlink(&outside, root.join("scenes/01-lamp-room")).unwrap();

    let error = build_story(&studio.story, &studio.content, &root).await.unwrap_err();

    assert!(format!("{error:#}").contains("leads out of the folder"), "{error:#}");
    assert_eq!(fs::read_to_string(outside.join("dialogue.json")).unwrap(), "precious");
    assert_eq!(fs::read_dir(outside.join("images")).unwrap().count(), 0);
    fs::remove_file(root.join("scenes/01-lamp-room")).unwrap();
    assert!(studio.build().await.written > 0, "without the link it heals");
}

#[tokio::test]
async fn a_link_in_place_of_a_file_is_replaced_and_what_it_led_to_stays() {
    let studio = Studio::new().await;
    studio.build().await;
    let (root, precious) = (studio.root(), studio.folder.path().join("precious"));
    fs::write(&precious, "outside").unwrap();
    let whole = snapshot(&root);
    for file in ["report.md", ".hydra-unfinished"] {
        _ = fs::remove_file(root.join(file));
        symlink(&precious, root.join(file)).unwrap();
    }
    assert_eq!(studio.build().await.written, 1);
    assert_eq!(fs::read_to_string(&precious).unwrap(), "outside");
    assert_eq!(snapshot(&root), whole);
}

#[tokio::test]
async fn content_that_is_gone_is_an_error_that_names_the_file_after_the_rest_is_made() {
    let studio = Studio::new().await;
    studio.content.remove(ContentHash::of(b"image-room")).await.unwrap();
    let error = build_story(&studio.story, &studio.content, &studio.root()).await.unwrap_err();
    assert!(format!("{error:#}").contains("lamp-room-night.png"), "{error:#}");
    assert!(studio.root().join("provenance.json").is_file());
}

#[tokio::test]
async fn a_file_in_the_folder_leads_to_its_stream() {
    let studio = Studio::new().await;
    studio.build().await;
    let out = studio.folder.path().join("out");
    for (file, stream) in [
        ("lighthouse/scenes/01-lamp-room/images/keeper-everyday-happy.png", Some("image-happy_c2")),
        ("lighthouse/scenes/01-lamp-room/voice/keeper-l1.wav", Some("line-one")),
        ("lighthouse/scenes/01-lamp-room/dialogue.json", Some("scene-lighthouse_lamp_room")),
        ("lighthouse/report.md", Some("report-lighthouse")),
        ("lighthouse/notes.txt", None),
    ] {
        assert_eq!(asset_of(&out, file).as_deref(), stream, "{file}");
        assert_eq!(asset_of(&out, out.join(file)).as_deref(), stream, "{file}");
    }
    let game: Value =
        serde_json::from_slice(&fs::read(out.join("lighthouse/provenance.json")).unwrap()).unwrap();
    let files = game["assets"][0]["files"].as_array().unwrap();
    assert_eq!((game["assets"][0]["stream"].as_str(), files.len()), (Some("image-happy_c1"), 1));
    assert_eq!(game["assets"][1]["files"].as_array().unwrap().len(), 2, "the best one is also in the game");
    assert_eq!(game["assets"][1]["prompt"], "draw image-happy_c2");
}

#[tokio::test]
async fn a_portrait_is_named_by_what_it_shows_and_who_ordered_it() {
    let studio = Studio::new().await;
    let images: Vec<ImageRow> =
        studio.story.images.values().filter(|image| image.kind == "bust").cloned().collect();
    let wanted = scene_row(&name("scene-x"), &images, &[]).images;
    let order = json!({
        "id": "order_1", "character": "Old Keeper", "scene": "", "priority": 0, "images": wanted, "state": "filled",
    });
    let order: OrderRow = serde_json::from_value(order).unwrap();
    let folder = studio.folder.path().join("out/portraits");
    let built =
        portraits::build(&[Ordered { order, images }], &studio.content, folder.clone()).await.unwrap();
    assert!(folder.join("old-keeper/everyday-happy-order_1-2.png").is_file());
    assert_eq!(built.missing, ["image-sad: too dark"]);
    let file = folder.join("old-keeper/everyday-happy-order_1-1.png");
    assert_eq!(asset_of(&folder, &file).as_deref(), Some("image-happy_c1"));
}
