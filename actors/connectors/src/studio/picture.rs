//! A procedural picture engine: a written brief in, a PNG out.
//!
//! The picture is a drawing composed of layered shapes, with colour and light chosen from the words of the brief.
//! Backgrounds are opaque; busts stand on a transparent ground so that a stage can be put behind them. Layout comes
//! from place (or character) and seed, light from time of day, lighting and mood: the same place at another hour
//! keeps its layout. Words nobody knows are ignored. It can go wrong only by a size out of bounds or by the encoder.

mod beard;
mod bust;
mod canvas;
mod cloth;
mod clothes;
mod colour;
mod cues;
mod dice;
mod expression;
mod eyes;
mod face;
mod fittings;
mod furniture;
mod garments;
mod hair;
mod harbour;
mod hats;
mod indoors;
mod land;
mod landmarks;
mod light;
mod look;
mod mouth;
mod outdoors;
mod place;
mod plants;
mod relief;
mod rooms;
mod shade;
mod shape;
mod sky;
mod stage;
mod stonework;
mod street;
mod texture;
mod town;
mod traits;
mod wardrobe;
mod water;
mod weather;
mod windows;
mod words;

/// Name of this engine, to be recorded with every picture it makes.
pub const ENGINE: &str = "studio";
/// Version of the drawing; it changes whenever the same brief and seed give other pixels.
pub const VERSION: &str = "2";
/// Usual size of a background, in pixels.
pub const BACKGROUND_SIZE: (u32, u32) = (1280, 720);
/// Usual size of a bust, in pixels.
pub const BUST_SIZE: (u32, u32) = (560, 720);
/// Smallest side that is drawn, in pixels.
pub const SIDE_MIN: u32 = 16;
/// Largest side that is drawn, in pixels.
pub const SIDE_MAX: u32 = 4096;

/// What to draw, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureBrief {
    /// The thing drawn.
    pub subject: Subject,
    /// Words about the light, such as `warm lamp light` or `overcast`.
    pub lighting: String,
    /// Words about the mood, such as `gloomy` or `hopeful`.
    pub mood: String,
    /// The prompt a model would get; only weather words are read from it.
    pub prompt: String,
}

/// The two kinds of picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A place without people.
    Background {
        /// Words naming the place, such as `lighthouse by the sea`.
        place: String,
        /// `day`, `night`, `dawn`, `dusk` or empty (day).
        time_of_day: String,
        /// `interior`, `exterior`, `both` or empty (decided from the place).
        interior: String,
    },
    /// One person from the chest up, on a transparent ground.
    Bust {
        /// Identity of the character: face, hair and skin derive from it and the traits.
        character: String,
        /// Free words such as `grey beard`, `tall`, `red hair`.
        traits: Vec<String>,
        /// Words naming the clothes, such as `oilskin coat and scarf`.
        clothing: String,
        /// Colours of the clothes, CSS hex or names.
        palette: Vec<String>,
        /// Name of the outfit; another outfit has another colour and cut.
        outfit: String,
        /// `neutral`, `happy`, `sad`, `angry`, `afraid`, `surprised`, `tender`, `tired`, `determined`, `amused`.
        expression: String,
    },
}

/// Why no picture was made.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The size cannot be drawn.
    #[error(
        "picture size {width}x{height} is out of bounds: each side must be {SIDE_MIN} to {SIDE_MAX} pixels"
    )]
    Size {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
    /// The PNG encoder failed.
    #[error("drawn picture could not be encoded as PNG")]
    Encode(#[from] png::EncodingError),
}

/// Draws the brief and encodes it as an 8-bit RGBA PNG, the same bytes for the same arguments.
///
/// `size` is width and height in pixels; other proportions than the usual ones are filled, cutting the edges.
/// The seed varies composition, pose and lamp.
///
/// # Errors
/// [`PictureError::Size`] for a side out of bounds, [`PictureError::Encode`] if the encoder fails.
pub fn render(brief: &PictureBrief, seed: u64, size: (u32, u32)) -> Result<Vec<u8>, PictureError> {
    let (width, height) = size;
    let bounds = SIDE_MIN..=SIDE_MAX;
    if !bounds.contains(&width) || !bounds.contains(&height) {
        return Err(PictureError::Size { width, height });
    }
    let canvas = match &brief.subject {
        Subject::Background { place, time_of_day, interior } => {
            let light = light::Light::of_place(time_of_day, &brief.lighting, &brief.mood, &brief.prompt);
            draw_place(place, interior, light, seed, size)?
        }
        Subject::Bust { character, traits, clothing, palette, outfit, expression } => {
            let person = look::Person { character, traits, clothing, palette, outfit, expression };
            let light = light::Light::of_bust(&brief.lighting, &brief.mood);
            bust::draw(&person, &light, seed, size)?
        }
    };
    canvas.encode()
}

fn draw_place(
    place: &str,
    interior: &str,
    light: light::Light,
    seed: u64,
    size: (u32, u32),
) -> Result<canvas::Canvas, PictureError> {
    let setting = place::read(place, interior);
    let mut stage = stage::Stage::try_new(place, light, seed, size)?;
    match &setting.view {
        place::View::Outside(outside) => outdoors::draw(&mut stage, outside),
        place::View::Inside(room) => indoors::draw(&mut stage, *room),
    }
    Ok(stage.finish())
}

#[cfg(test)]
mod tests;
