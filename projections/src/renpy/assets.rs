//! Which picture and voice is which file. Names come from the story: `bust_keeper_happy_1.png`.

use std::collections::BTreeMap;

use super::cast::Cast;
use super::names::{Taken, slug};
use super::{FileContent, Novel, NovelLine, NovelScene, Presence, ProjectFile, lines_of};

/// A bust's image name in two words, and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bust {
    /// Such as `bust_keeper happy_1`.
    pub image: String,
    /// Relative to `game/`.
    pub file: String,
}

/// All files that are not text.
#[derive(Debug, Default)]
pub(super) struct Assets {
    /// By image tag, expression and content key; values in the order of first use.
    busts: BTreeMap<(String, String, String), Bust>,
    /// In the order of first use.
    order: Vec<Bust>,
    /// By scene's place: image name, and the file where there is a picture.
    backgrounds: Vec<(String, Option<String>)>,
    /// By line id.
    voices: BTreeMap<String, String>,
    files: Vec<ProjectFile>,
}

impl Assets {
    /// Names everything the novel shows or plays.
    pub fn of(novel: &Novel, cast: &Cast) -> Self {
        let mut assets = Assets::default();
        let (mut backgrounds, mut busts, mut voices) = (Taken::default(), Taken::default(), Taken::default());
        for scene in &novel.scenes {
            assets.add_background(scene, &mut backgrounds);
            for line in scene.beats.iter().flat_map(lines_of) {
                assets.add_bust(line, cast, &mut busts);
                assets.add_voice(line, &mut voices);
            }
        }
        assets
    }

    /// A scene's image, by the scene's place in the novel.
    pub fn background(&self, place: usize) -> Option<&(String, Option<String>)> {
        self.backgrounds.get(place)
    }

    /// The first background that has a picture, for the title page.
    pub fn title_picture(&self) -> Option<&str> {
        self.backgrounds.iter().find_map(|(_, file)| file.as_deref())
    }

    /// The bust a line shows.
    pub fn bust(&self, line: &NovelLine, cast: &Cast) -> Option<&Bust> {
        self.busts.get(&bust_key(line, cast)?)
    }

    /// Every bust, in the order of first use.
    pub fn busts(&self) -> &[Bust] {
        &self.order
    }

    /// The file a line is spoken in, relative to `game/`.
    pub fn voice(&self, line: &NovelLine) -> Option<&str> {
        line.voice.as_ref().and_then(|_| self.voices.get(&line.id)).map(String::as_str)
    }

    /// The files, for the project.
    pub fn into_files(self) -> Vec<ProjectFile> {
        self.files
    }

    fn add_background(&mut self, scene: &NovelScene, taken: &mut Taken) {
        let image = taken.take("bg", &scene.id);
        let file = scene.background.as_ref().map(|picture| {
            let file = format!("images/{image}.png");
            self.add_file(&file, &picture.key);
            file
        });
        self.backgrounds.push((image, file));
    }

    fn add_bust(&mut self, line: &NovelLine, cast: &Cast, taken: &mut Taken) {
        let Some(key) = bust_key(line, cast) else { return };
        if self.busts.contains_key(&key) {
            return;
        }
        // The number is never left out: an expression called `at` or `with` would be read as a keyword.
        let same = self.busts.keys().filter(|(tag, word, _)| (tag, word) == (&key.0, &key.1)).count();
        let image = format!("{} {}_{}", key.0, key.1, same + 1);
        let name = taken.take("bust", image.trim_start_matches("bust_"));
        let bust = Bust { image, file: format!("images/{name}.png") };
        self.add_file(&bust.file, &key.2);
        self.order.push(bust.clone());
        self.busts.insert(key, bust);
    }

    fn add_voice(&mut self, line: &NovelLine, taken: &mut Taken) {
        let Some(key) = &line.voice else { return };
        if self.voices.contains_key(&line.id) {
            return;
        }
        let file = format!("voice/{}.wav", taken.take("line", &line.id));
        self.add_file(&file, key);
        self.voices.insert(line.id.clone(), file);
    }

    fn add_file(&mut self, file: &str, key: &str) {
        let content = FileContent::Asset(key.to_owned());
        self.files.push(ProjectFile { path: format!("game/{file}"), content });
    }
}

/// Image tag, expression and content key of a line whose speaker is seen.
fn bust_key(line: &NovelLine, cast: &Cast) -> Option<(String, String, String)> {
    match line.presence {
        Presence::OnScreen => {}
        Presence::OffScreen | Presence::VoiceOver => return None,
    }
    let picture = line.bust.as_ref()?;
    let tag = cast.get(&line.character)?.tag.clone();
    let expression = if line.expression.trim().is_empty() { "plain" } else { &line.expression };
    Some((tag, slug(expression), picture.key.clone()))
}
