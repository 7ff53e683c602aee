//! `game/script.rpy`: the story itself, for the engine and for a person.

use super::assets::Assets;
use super::cast::Cast;
use super::escape;
use super::names::{Taken, identifier};
use super::stage::{Side, Stage};
use super::{Novel, NovelBeat, NovelLine, NovelScene, Presence};

/// Grounds for scenes without a picture, dark enough for every name colour.
const GROUNDS: [&str; 6] = ["#1d2733", "#2b2431", "#22302a", "#332822", "#222a3a", "#30262b"];

/// Writes the file.
pub(super) fn write(novel: &Novel, cast: &Cast, assets: &Assets) -> String {
    let mut script = Script::new(novel, cast, assets);
    script.head();
    script.characters();
    script.pictures();
    script.start();
    for (place, scene) in novel.scenes.iter().enumerate() {
        script.scene(place, scene);
    }
    script.end();
    script.out
}

struct Script<'a> {
    novel: &'a Novel,
    cast: &'a Cast,
    assets: &'a Assets,
    /// Labels by the scenes' places.
    labels: Vec<String>,
    /// Line ids already given.
    ids: Taken,
    /// What every line id begins with.
    prefix: String,
    stage: Stage,
    /// How the next scene appears.
    opening: Opening,
    out: String,
}

/// How one picture becomes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    Dissolve,
    Fade,
    Cut,
}

impl Opening {
    fn of(transition: &str) -> Self {
        let words = transition.to_uppercase();
        if words.contains("FADE") {
            Opening::Fade
        } else if words.contains("CUT") {
            Opening::Cut
        } else {
            Opening::Dissolve
        }
    }

    fn with(self) -> &'static str {
        match self {
            Opening::Dissolve => "hydra_dissolve",
            Opening::Fade => "hydra_fade",
            Opening::Cut => "None",
        }
    }
}

/// How a line's voice sounds and whether its speaker shares the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Alone,
    First,
    Second,
}

impl<'a> Script<'a> {
    fn new(novel: &'a Novel, cast: &'a Cast, assets: &'a Assets) -> Self {
        let mut taken = Taken::default();
        let labels = novel.scenes.iter().map(|scene| taken.take("scene", &scene.id)).collect();
        Script {
            novel,
            cast,
            assets,
            labels,
            ids: Taken::default(),
            prefix: identifier(&novel.save_name),
            stage: Stage::default(),
            opening: Opening::Fade,
            out: String::new(),
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A statement inside a label.
    fn step(&mut self, text: &str) {
        self.line(&format!("    {text}"));
    }

    fn head(&mut self) {
        self.line(&format!("# {}", escape::comment(&self.novel.title)));
        self.line("#");
        self.line("# Written by Hydra. What is edited here is lost when the chapter is written again.");
        if !self.novel.missing.is_empty() {
            self.line("#\n# Still missing:");
        }
        for missing in &self.novel.missing {
            self.line(&format!("#   {}", escape::comment(missing)));
        }
    }

    fn characters(&mut self) {
        self.line("\n\n# Who speaks.\n");
        for member in self.cast.members() {
            let (variable, name, colour) = (&member.variable, escape::shown(&member.name), &member.colour);
            let extra = format!("who_color=\"{colour}\", voice_tag=\"{variable}\"");
            self.line(&format!("define {variable} = Character({name}, {extra})"));
        }
    }

    fn pictures(&mut self) {
        self.line("\n\n# What is seen.\n");
        for place in 0..self.novel.scenes.len() {
            let Some((image, file)) = self.assets.background(place) else {
                continue;
            };
            let ground = GROUNDS[place % GROUNDS.len()];
            let source = file.as_ref().map_or(format!("Solid(\"{ground}\")"), |file| format!("\"{file}\""));
            self.line(&format!("image {image} = {source}"));
        }
        for bust in self.assets.busts() {
            self.line(&format!("image {} = \"{}\"", bust.image, bust.file));
        }
    }

    fn start(&mut self) {
        self.line("\n\nlabel start:\n");
        let first = self.labels.first().map_or("hydra_end", String::as_str).to_owned();
        self.step(&format!("jump {first}"));
    }

    fn scene(&mut self, place: usize, scene: &NovelScene) {
        self.stage = Stage::default();
        let label = self.labels[place].clone();
        self.line(&format!("\n\n# {}\nlabel {label}:\n", escape::comment(&scene.heading)));
        if let Some((image, _)) = self.assets.background(place) {
            self.step(&format!("scene {image} at hydra_cover"));
        }
        self.step(&format!("with {}", self.opening.with()));
        self.opening = Opening::Dissolve;
        for (at, beat) in scene.beats.iter().enumerate() {
            self.line("");
            let last = at + 1 == scene.beats.len();
            self.beat(beat, if last { Position::Last } else { Position::Within });
        }
        let next = self.labels.get(place + 1).map_or("hydra_end", String::as_str).to_owned();
        self.line("");
        self.step(&format!("jump {next}"));
    }

    fn beat(&mut self, beat: &NovelBeat, position: Position) {
        match beat {
            NovelBeat::Narration { id, text } => self.say(None, text, "", id),
            NovelBeat::Line(line) => self.speak(line, Part::Alone),
            NovelBeat::Together { left, right } => {
                self.appear(left);
                self.appear(right);
                self.speak(left, Part::First);
                self.speak(right, Part::Second);
                if right.voice.is_some() {
                    self.step("stop hydra_second_voice");
                }
            }
            NovelBeat::Pause => self.step("pause 1.0"),
            NovelBeat::Transition { text } => self.transition(text, position),
            NovelBeat::Centered { id, text } => self.say(Some("hydra_card"), text, "", id),
            NovelBeat::Lyrics { id, character, text } => self.sing(id, character.as_deref(), text),
        }
    }

    /// A transition at the end of a scene opens the next one; within a scene it happens at once.
    fn transition(&mut self, text: &str, position: Position) {
        self.step(&format!("# {}", escape::comment(text)));
        let opening = Opening::of(text);
        match (position, opening) {
            (Position::Last, _) => self.opening = opening,
            (Position::Within, Opening::Cut) => {}
            (Position::Within, Opening::Dissolve | Opening::Fade) => {
                self.step(&format!("with {}", opening.with()));
            }
        }
    }

    fn speak(&mut self, line: &NovelLine, part: Part) {
        if part == Part::Alone {
            self.appear(line);
        }
        if let Some(file) = self.assets.voice(line) {
            match part {
                Part::Alone | Part::First => self.step(&format!("voice \"{file}\"")),
                Part::Second => self.step(&format!("play hydra_second_voice \"{file}\"")),
            }
        }
        let shared = match part {
            Part::Alone => "",
            Part::First | Part::Second => " (multiple=2)",
        };
        let who = self.cast.get(&line.character).map(|member| member.variable.clone());
        self.say(who.as_deref(), &line.text, shared, &line.id);
    }

    /// Sung words are set between notes and in italics, whatever else marks them.
    fn sing(&mut self, id: &str, character: Option<&str>, text: &str) {
        let who = character.and_then(|id| self.cast.get(id)).map(|member| member.variable.clone());
        let arguments = " (what_prefix=\"{i}♪ \", what_suffix=\" ♪{/i}\")";
        self.say(who.as_deref(), text, arguments, id);
    }

    fn say(&mut self, who: Option<&str>, text: &str, arguments: &str, id: &str) {
        let id = self.ids.take(&self.prefix, id);
        let who = who.map(|who| format!("{who} ")).unwrap_or_default();
        self.step(&format!("{who}{}{arguments} id {id}", escape::said(text)));
    }

    /// Shows the speaker's bust, or takes it away when they are only heard.
    fn appear(&mut self, line: &NovelLine) {
        let Some(tag) = self.cast.get(&line.character).map(|member| member.tag.clone()) else {
            return;
        };
        match line.presence {
            Presence::OnScreen => {}
            Presence::OffScreen | Presence::VoiceOver => {
                if self.stage.leave(&tag) {
                    self.step(&format!("hide {tag}"));
                    self.step("with hydra_quick");
                }
                return;
            }
        }
        let Some(bust) = self.assets.bust(line, self.cast) else {
            // No picture of this line: whoever stands there stays, and keeps their turn.
            if self.stage.holds(&tag) {
                self.stage.enter(&tag);
            }
            return;
        };
        let entrance = self.stage.enter(&tag);
        if let Some(leaving) = entrance.leaves {
            self.step(&format!("hide {leaving}"));
        }
        let side = match entrance.side {
            Side::Left => "hydra_left",
            Side::Right => "hydra_right",
        };
        self.step(&format!("show {} at {side}", bust.image));
        if entrance.arrives {
            self.step("with hydra_quick");
        }
    }

    fn end(&mut self) {
        self.line("\n\nlabel hydra_end:\n");
        self.step("scene hydra_night");
        self.step("show hydra_end_card");
        self.step("with hydra_fade");
        self.step("pause");
        self.step("return");
    }
}

/// Where in its scene a beat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Within,
    Last,
}
