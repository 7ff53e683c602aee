//! Values that many payloads hold.

use hydra_events::vocabulary::terms::{
    DecidedBy, Made, Score, ScoreName, ShownKind, Shows, WantedImage, WantedLine,
};
use hydra_events::{ContentHash, StreamName};

pub fn stream(name: &str) -> StreamName {
    name.parse().unwrap()
}

pub fn image() -> StreamName {
    stream("image-lighthouse_keeper_coat_happy_1")
}

pub fn blob(what: &str) -> ContentHash {
    ContentHash::of(what.as_bytes())
}

pub fn text(text: &str) -> String {
    text.to_owned()
}

pub fn bust() -> Shows {
    Shows {
        subject: text("keeper"),
        kind: ShownKind::Bust,
        outfit: text("coat"),
        expression: text("happy"),
        candidate: 1,
    }
}

pub fn place() -> Shows {
    Shows {
        subject: text("lamp_room"),
        kind: ShownKind::Background,
        outfit: text("night"),
        expression: String::new(),
        candidate: 2,
    }
}

pub fn wanted_images() -> Vec<WantedImage> {
    let background = stream("image-lighthouse_lamp_room_night_2");
    vec![
        WantedImage { image: image(), brief: blob("brief"), shows: bust(), recalled: None },
        WantedImage { image: background, brief: blob("other brief"), shows: place(), recalled: None },
    ]
}

pub fn wanted_lines() -> Vec<WantedLine> {
    let line = stream("line-lighthouse_1_1");
    vec![WantedLine { line, speech: blob("speech"), character: text("Käthe") }]
}

pub fn made(media_type: &str) -> Made {
    Made {
        blob: blob("result"),
        media_type: text(media_type),
        engine: text("studio"),
        engine_version: text("1.0.0"),
        request: blob("request"),
        response: blob("response"),
        duration_ms: 1_250,
    }
}

pub fn scores() -> Vec<Score> {
    let score = |name, value| Score { name, value, metric: text("edges"), version: text("2") };
    vec![
        score(ScoreName::Aesthetic, Some(6.25)),
        score(ScoreName::Technical, Some(80.0)),
        score(ScoreName::Likeness, None),
        score(ScoreName::Style, Some(-0.5)),
    ]
}

pub fn person() -> DecidedBy {
    DecidedBy::Person { name: text("Zoë") }
}
