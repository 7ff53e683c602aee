//! Which espeak-ng voice speaks for whom.
//!
//! A profile may name a voice of another engine (`af_bella` is Kokoro's): its first letter tells the
//! language and its second the gender, and that much of it is kept when espeak-ng has to stand in.

use std::collections::{BTreeMap, BTreeSet};

use super::pick;

/// The variants that every espeak-ng ships.
const FEMALE: [&str; 5] = ["f1", "f2", "f3", "f4", "f5"];
const MALE: [&str; 7] = ["m1", "m2", "m3", "m4", "m5", "m6", "m7"];

/// The accents that characters without a voice are spread over.
const ACCENTS: [&str; 2] = ["en-us", "en-gb"];

/// A voice that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// What `-v` takes; always made of names the program listed itself, never of text from outside.
    pub name: String,
    /// What `-p` takes before any shift, 0 to 99.
    pub pitch: i64,
}

/// What the installed espeak-ng can speak.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Catalogue {
    /// Every name of a language voice, lower case, and what `-v` takes for it.
    languages: BTreeMap<String, String>,
    /// Variants by name, as `-v` takes them after the `+`.
    variants: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gender {
    Female,
    Male,
}

impl Catalogue {
    /// Reads the tables that `--voices` and `--voices=variant` print.
    pub fn parse(voices: &str, variants: &str) -> Self {
        let mut catalogue = Catalogue::default();
        for row in voices.lines().skip(1) {
            let columns: Vec<&str> = row.split_whitespace().collect();
            if let [_, language, _, name, file, ..] = columns.as_slice() {
                for alias in [language, name, file] {
                    let taken = catalogue.languages.entry(alias.to_lowercase());
                    taken.or_insert_with(|| (*language).to_owned());
                }
            }
        }
        let files = variants.lines().skip(1).filter_map(|row| row.split_whitespace().nth(4));
        catalogue.variants = files.filter_map(|file| file.strip_prefix("!v/")).map(str::to_owned).collect();
        catalogue
    }

    /// Whether there is any voice at all.
    pub fn is_empty(&self) -> bool {
        self.languages.is_empty()
    }

    /// The voice for a wish and a character; the same for the same two names.
    pub fn choose(&self, voice_id: Option<&str>, character: &str) -> Choice {
        let wish = voice_id.map(str::trim).filter(|id| !id.is_empty());
        let Some(wish) = wish else {
            let accent = ACCENTS[pick("accent", character, ACCENTS.len())];
            return self.spread(accent, None, character);
        };
        if let Some(name) = self.own(wish) {
            return Choice { name, pitch: 50 };
        }
        match foreign(wish) {
            Some((language, gender)) => self.spread(language, Some(gender), wish),
            None => self.spread(ACCENTS[pick("accent", wish, ACCENTS.len())], None, wish),
        }
    }

    /// One of espeak-ng's own names, with or without a variant.
    fn own(&self, wish: &str) -> Option<String> {
        let (base, variant) = wish.split_once('+').map_or((wish, None), |(base, v)| (base, Some(v)));
        let language = self.languages.get(&base.to_lowercase())?;
        match variant {
            None => Some(language.clone()),
            Some(variant) => self.variants.get(variant).map(|known| format!("{language}+{known}")),
        }
    }

    /// A language's voice with a variant and a base pitch chosen by `key`.
    fn spread(&self, language: &str, gender: Option<Gender>, key: &str) -> Choice {
        let fallback = ["en-us", "en-gb", "en"].iter().find_map(|name| self.languages.get(*name));
        let base = self.languages.get(language).or(fallback).or(self.languages.values().next());
        let base = base.map_or("en", String::as_str);
        let family: Vec<&str> = match gender {
            Some(Gender::Female) => FEMALE.to_vec(),
            Some(Gender::Male) => MALE.to_vec(),
            None => FEMALE.iter().chain(&MALE).copied().collect(),
        };
        let family: Vec<&str> = family.into_iter().filter(|name| self.variants.contains(*name)).collect();
        let name = match family.get(pick("variant", key, family.len())) {
            Some(variant) => format!("{base}+{variant}"),
            None => base.to_owned(),
        };
        Choice { name, pitch: 44 + pick("pitch", key, 13) as i64 }
    }
}

/// Language and gender of a name such as `bm_george`, or of the first of a mixture such as
/// `af_bella(2)+af_sky(1)`.
fn foreign(wish: &str) -> Option<(&'static str, Gender)> {
    let mut letters = wish.chars();
    let language = match letters.next()? {
        'a' => "en-us",
        'b' => "en-gb",
        'd' => "de",
        'e' => "es",
        'f' => "fr-fr",
        'h' => "hi",
        'i' => "it",
        'j' => "ja",
        'p' => "pt-br",
        'z' => "cmn",
        _ => return None,
    };
    let gender = match letters.next()? {
        'f' => Gender::Female,
        'm' => Gender::Male,
        _ => return None,
    };
    (letters.next() == Some('_')).then_some((language, gender))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOICES: &str = "Pty Language Age/Gender VoiceName File Other Languages
 5  de              --/M      German             gmw/de
 2  en-gb           --/M      English_(Great_Britain) gmw/en               (en 2)
 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  fr-fr           --/M      French_(France)    roa/fr               (fr 5)
";

    fn catalogue() -> Catalogue {
        let names = FEMALE.iter().chain(&MALE).chain(&["croak"]);
        let rows = names.map(|name| format!(" 5  variant  --/F  {name}_  !v/{name}\n"));
        Catalogue::parse(VOICES, &format!("Pty Language\n{}", rows.collect::<String>()))
    }

    fn name(voice: &str) -> String {
        catalogue().choose(Some(voice), "x").name
    }

    #[test]
    fn a_voice_of_espeak_is_used_as_it_is() {
        for (wish, used) in [
            ("en-us", "en-us"),
            ("en-us+f3", "en-us+f3"),
            ("DE", "de"),
            ("English_(America)+croak", "en-us+croak"),
            ("gmw/en", "en-gb"),
        ] {
            assert_eq!(catalogue().choose(Some(wish), "x"), Choice { name: used.to_owned(), pitch: 50 });
        }
    }

    #[test]
    fn another_engines_name_keeps_its_language_and_gender() {
        for (wish, start) in [
            ("af_bella", "en-us+f"),
            ("am_adam", "en-us+m"),
            ("bm_george", "en-gb+m"),
            ("ff_siwis", "fr-fr+f"),
        ] {
            assert!(name(wish).starts_with(start), "{wish} became {}", name(wish));
        }
        assert!(name("af_bella(2)+af_sky(1)").starts_with("en-us+f"));
        assert!(name("jf_alpha").starts_with("en-us+f"), "a language that is not installed is replaced");
    }

    #[test]
    fn nothing_from_outside_reaches_the_voice_option() {
        for wish in ["--stdout", "-w/tmp/x", "en-us+../../etc", "../en", "en-us+", "alloy", "\0", "", "  "] {
            let used = name(wish);
            assert!(
                used.starts_with("en-") && used.contains('+') && !used.contains(".."),
                "{wish:?} → {used}"
            );
        }
    }

    #[test]
    fn characters_without_a_voice_differ_and_keep_theirs() {
        let choose = |character: &str| catalogue().choose(None, character);
        assert_eq!(choose("keeper"), choose("keeper"));
        let cast = ["keeper", "sailor", "mara", "tom", "ines", "captain", "ghost", "child"];
        let voices: BTreeSet<String> = cast.iter().map(|c| choose(c).name).collect();
        assert!(voices.len() >= 5, "{voices:?}");
        assert!(cast.iter().all(|c| (44..=56).contains(&choose(c).pitch)));
    }

    #[test]
    fn without_variants_the_plain_voice_speaks() {
        assert_eq!(Catalogue::parse(VOICES, "").choose(None, "keeper").name.len(), "en-us".len());
        assert!(Catalogue::parse("", "").is_empty());
    }
}
