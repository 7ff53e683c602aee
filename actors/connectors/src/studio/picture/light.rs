//! Light: what the hour, the weather and the mood do to every colour of a picture.

use super::colour::{Colour, rgb};
use super::words::{mentions, words};

/// Hour of the day, as far as the light differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hour {
    /// Full daylight.
    Day,
    /// First light, rose and cool.
    Dawn,
    /// Last light, orange and violet.
    Dusk,
    /// Moonlight, lamps lit.
    Night,
}

/// What falls from or hangs in the sky.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weather {
    /// Some clouds.
    Fair,
    /// Clouded over.
    Grey,
    /// Rain.
    Rain,
    /// Falling snow.
    Snow,
    /// Mist near the ground.
    Fog,
}

/// The colours of the light. All local colours of a picture pass through [`Light::shade`].
#[derive(Debug, Clone)]
pub(super) struct Light {
    /// Hour of the day.
    pub hour: Hour,
    /// Weather.
    pub weather: Weather,
    /// Sky at the zenith.
    pub top: Colour,
    /// Sky half way down.
    pub mid: Colour,
    /// Sky at the horizon.
    pub horizon: Colour,
    /// Sun or moon.
    pub sun: Colour,
    /// Filter over everything lit by the sky.
    pub ambient: Colour,
    /// What distance fades to.
    pub haze: Colour,
    /// How much lamps shine, 0..1.
    pub lamps: f32,
    vivid: f32,
    warmth: f32,
}

impl Light {
    /// Light over a place, from the words of the brief. An unknown hour is day.
    pub fn of_place(time_of_day: &str, lighting: &str, mood: &str, prompt: &str) -> Self {
        let all = words(&[lighting, mood, prompt].join(" "));
        let mut light = Self::at(hour(&words(time_of_day), &words(lighting)));
        light.weather = weather(&all);
        light.tune(&words(lighting), &words(mood));
        if light.weather != Weather::Fair {
            light.overcast();
        }
        light
    }

    /// Light on a person: neutral daylight, tuned by the words.
    pub fn of_bust(lighting: &str, mood: &str) -> Self {
        let lit = words(lighting);
        let mut light = Self::at(Hour::Day);
        light.ambient = match hour(&lit, &[]) {
            Hour::Day => rgb(0xffffff),
            Hour::Dawn => rgb(0xfff0ea),
            Hour::Dusk => rgb(0xffe6d4),
            Hour::Night => rgb(0xdde4fb),
        };
        light.tune(&lit, &words(mood));
        light
    }

    /// The same light inside a house: less sky, more lamp.
    pub fn indoors(&self) -> Self {
        let (ambient, lamps) = match self.hour {
            Hour::Day => (rgb(0xfff3e2), 0.15),
            Hour::Dawn => (rgb(0xf3d9cd), 0.35),
            Hour::Dusk => (rgb(0xe6b89c), 0.75),
            Hour::Night => (rgb(0xb3907f), 1.0),
        };
        Self { ambient, lamps, haze: self.horizon.mix(rgb(0xd9b48a), 0.4), ..self.clone() }
    }

    /// A local colour as it appears at a distance of 0 (near) to 1 (lost in the haze).
    pub fn shade(&self, local: Colour, depth: f32) -> Colour {
        self.grade(local.through(self.ambient).mix(self.haze, depth))
    }

    /// The warmth and vividness of the mood alone, for things that shine by themselves.
    pub fn grade(&self, colour: Colour) -> Colour {
        let c = colour.vivid(self.vivid);
        let filter = |value: f32, by: f32| (value * (1.0 + by * self.warmth)).clamp(0.0, 1.0);
        Colour { r: filter(c.r, 0.06), g: c.g, b: filter(c.b, -0.1) }
    }

    fn at(hour: Hour) -> Self {
        let [top, mid, horizon, sun, ambient, haze] = match hour {
            Hour::Day => [0x3f86c6, 0x8cc4e6, 0xf3ead2, 0xfff3c4, 0xfffaf0, 0xcfe0e6],
            Hour::Dawn => [0x6377b5, 0xe09fb2, 0xffdfae, 0xfff2cc, 0xf2d3cc, 0xf2c4bc],
            Hour::Dusk => [0x34306d, 0xb2557d, 0xffab5c, 0xffd98c, 0xd99c94, 0xd98a78],
            Hour::Night => [0x14214f, 0x2c4d88, 0x8fb0cf, 0xf7f1d4, 0x8497cb, 0x5575ab],
        }
        .map(rgb);
        let lamps = match hour {
            Hour::Day => 0.0,
            Hour::Dawn => 0.3,
            Hour::Dusk => 0.8,
            Hour::Night => 1.0,
        };
        let weather = Weather::Fair;
        Self { hour, weather, top, mid, horizon, sun, ambient, haze, lamps, vivid: 1.06, warmth: 0.0 }
    }

    fn tune(&mut self, lighting: &[String], mood: &[String]) {
        for words in [lighting, mood] {
            if mentions(
                words,
                &["warm", "golden", "gold", "candle", "lamp", "fire", "sunny", "amber", "cosy", "cozy"],
            ) {
                self.warmth += 1.0;
            }
            if mentions(words, &["cold", "cool", "blue", "moon", "neon", "icy", "steel"]) {
                self.warmth -= 1.0;
            }
            if mentions(
                words,
                &["gloom", "sad", "tens", "omin", "melanch", "lonel", "bleak", "grief", "grim"],
            ) {
                self.vivid *= 0.88;
            }
            if mentions(
                words,
                &["happy", "joy", "hope", "cheer", "festiv", "bright", "magic", "dream", "vivid"],
            ) {
                self.vivid *= 1.12;
            }
        }
        self.warmth = self.warmth.clamp(-1.0, 1.0);
    }

    fn overcast(&mut self) {
        let veil = self.haze.vivid(0.45);
        for (colour, share) in [(&mut self.top, 0.5), (&mut self.mid, 0.45), (&mut self.horizon, 0.3)] {
            *colour = colour.mix(veil, share);
        }
        self.ambient = self.ambient.vivid(0.8).darker(0.06);
        self.haze = veil.mix(self.haze, 0.5);
    }
}

fn hour(time: &[String], lighting: &[String]) -> Hour {
    for words in [time, lighting] {
        if mentions(words, &["night", "midnight", "moon", "moonlight", "moonlit", "starlight"]) {
            return Hour::Night;
        }
        if mentions(words, &["dawn", "sunrise", "morning", "daybreak"]) {
            return Hour::Dawn;
        }
        if mentions(words, &["dusk", "sunset", "evening", "twilight"]) {
            return Hour::Dusk;
        }
        if mentions(words, &["day", "noon", "midday", "afternoon", "daylight"]) {
            return Hour::Day;
        }
    }
    Hour::Day
}

fn weather(words: &[String]) -> Weather {
    let kinds: [(&[&str], Weather); 4] = [
        (&["rain", "rainy", "storm", "drizzle", "downpour", "thunder"], Weather::Rain),
        (&["snow", "snowy", "snowing", "blizzard", "snowfall"], Weather::Snow),
        (&["fog", "foggy", "mist", "misty", "haze", "hazy"], Weather::Fog),
        (&["overcast", "cloudy", "clouded", "dreary"], Weather::Grey),
    ];
    kinds.iter().find(|(stems, _)| mentions(words, stems)).map_or(Weather::Fair, |(_, weather)| *weather)
}
