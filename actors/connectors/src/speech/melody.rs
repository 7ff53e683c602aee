//! From text to notes: one per syllable, with a melody that follows the punctuation.
//!
//! Syllables are counted by groups of vowels, which is right often enough for a babble in the rhythm of
//! the line. In scripts without letters for vowels every letter is a syllable.

/// The colour of a syllable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vowel {
    A,
    E,
    I,
    O,
    U,
}

/// What sounds, or does not, for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    Syllable(Syllable),
    Rest { ms: i64 },
}

/// One tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syllable {
    pub vowel: Vowel,
    /// Pitch in thousandths of the voice's own.
    pub pitch_permille: i64,
    /// How far the pitch moves until the tone's end, in thousandths.
    pub glide_permille: i64,
    pub ms: i64,
    /// Loudness in thousandths.
    pub loud_permille: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Statement,
    Question,
    Exclamation,
    Trailing,
}

const SYLLABLE_MS: i64 = 115;
const WORD_REST_MS: i64 = 28;
const COMMA_REST_MS: i64 = 150;
const SENTENCE_REST_MS: i64 = 300;

/// The notes of a text; `swing_percent` scales the melody around the voice's own pitch.
pub(super) fn notes(text: &str, swing_percent: i64) -> Vec<Note> {
    let mut notes = Vec::new();
    for (words, ending) in sentences(text) {
        if !notes.is_empty() {
            notes.push(Note::Rest { ms: SENTENCE_REST_MS });
        }
        let first = notes.len();
        for word in &words {
            sing_word(word, &mut notes);
        }
        shape(&mut notes[first..], ending, swing_percent);
    }
    notes
}

/// Words by sentence; a sentence without a word is dropped, its mark goes to the one before.
fn sentences(text: &str) -> Vec<(Vec<&str>, Ending)> {
    let mut found: Vec<(Vec<&str>, Ending)> = Vec::new();
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        if word.chars().any(char::is_alphanumeric) {
            words.push(word);
        }
        let Some(ending) = ending_of(word) else { continue };
        if !words.is_empty() {
            found.push((std::mem::take(&mut words), ending));
        } else if let Some(last) = found.last_mut() {
            last.1 = ending;
        }
    }
    if !words.is_empty() {
        found.push((words, Ending::Statement));
    }
    found
}

fn ending_of(word: &str) -> Option<Ending> {
    let tail = word.trim_end_matches(['"', '\'', '”', '’', '»', ')', '」']);
    let marks = &tail[tail.trim_end_matches(['.', '!', '?', '…', '。', '！', '？']).len()..];
    match marks {
        "" => None,
        m if m.contains(['?', '？']) => Some(Ending::Question),
        m if m.contains(['!', '！']) => Some(Ending::Exclamation),
        m if m.contains('…') || m.len() > 1 && m.is_ascii() => Some(Ending::Trailing),
        _ => Some(Ending::Statement),
    }
}

fn sing_word(word: &str, notes: &mut Vec<Note>) {
    for (place, vowel) in syllables(word).into_iter().enumerate() {
        let accent = if place == 0 { 25 } else { 0 };
        // A little of each vowel's own pitch keeps long sentences from sounding like a scale.
        let own = match vowel {
            Vowel::A => 0,
            Vowel::E => 12,
            Vowel::I => 24,
            Vowel::O => -10,
            Vowel::U => -20,
        };
        notes.push(Note::Syllable(Syllable {
            vowel,
            pitch_permille: accent + own,
            glide_permille: -35,
            ms: SYLLABLE_MS,
            loud_permille: if place == 0 { 1000 } else { 850 },
        }));
    }
    let comma = word.ends_with([',', ';', ':', '—', '–', '、', '，']);
    notes.push(Note::Rest { ms: if comma { COMMA_REST_MS } else { WORD_REST_MS } });
}

/// Lays the sentence's arc over its syllables, whose pitch holds only their own share until here.
fn shape(notes: &mut [Note], ending: Ending, swing_percent: i64) {
    let count = notes.iter().filter(|note| matches!(note, Note::Syllable(_))).count() as i64;
    let mut place = 0;
    for note in notes {
        let Note::Syllable(tone) = note else { continue };
        place += 1;
        let left = count - place;
        let arc = 50 - 110 * place / count.max(1);
        let (lift, glide, length, loud) = close(ending, left);
        tone.pitch_permille = 1000 + (tone.pitch_permille + arc + lift) * swing_percent / 100;
        tone.glide_permille = glide * swing_percent / 100;
        tone.ms = tone.ms * length / 100;
        tone.loud_permille = tone.loud_permille * loud / 100;
    }
}

/// Pitch, glide, length and loudness of the syllable that has `left` after it in its sentence.
fn close(ending: Ending, left: i64) -> (i64, i64, i64, i64) {
    match (ending, left) {
        (Ending::Question, 0) => (260, 140, 150, 100),
        (Ending::Question, 1) => (130, 20, 105, 100),
        (Ending::Question, 2) => (50, 0, 100, 100),
        (Ending::Exclamation, 0) => (70, -120, 145, 110),
        (Ending::Exclamation, _) => (60, -45, 95, 108),
        (Ending::Trailing, 0) => (-60, -60, 190, 75),
        (Ending::Trailing, 1 | 2) => (-30, -40, 125, 88),
        (Ending::Statement, 0) => (-30, -80, 140, 95),
        (Ending::Statement | Ending::Question | Ending::Trailing, _) => (0, -35, 100, 100),
    }
}

/// The vowels of a word's syllables; at least one.
fn syllables(word: &str) -> Vec<Vowel> {
    let letters: Vec<char> =
        word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect();
    let mut found = Vec::new();
    let mut inside_group = false;
    for letter in &letters {
        let (vowel, joins) = sound_of(*letter);
        if let Some(vowel) = vowel
            && !(inside_group && joins)
        {
            found.push(vowel);
        }
        inside_group = vowel.is_some() && joins;
    }
    let silent_e = letters.ends_with(&['e']) && !letters.ends_with(&['l', 'e']);
    let after_consonant = letters.len().checked_sub(2).is_some_and(|at| sound_of(letters[at]).0.is_none());
    if found.len() > 1 && silent_e && after_consonant {
        found.pop();
    }
    if found.is_empty() {
        found.push(Vowel::U);
    }
    found
}

/// The vowel a letter stands for, if any, and whether it melts into a vowel before it.
fn sound_of(letter: char) -> (Option<Vowel>, bool) {
    match letter {
        'a' | 'à'..='æ' | 'ā' | 'ą' | 'ă' | 'α' | 'ά' => (Some(Vowel::A), true),
        'e' | 'è'..='ë' | 'ē' | 'ę' | 'ě' | 'ε' | 'έ' => (Some(Vowel::E), true),
        'i' | 'y' | 'ì'..='ï' | 'ý' | 'ī' | 'ı' | 'ι' | 'ί' | 'η' => (Some(Vowel::I), true),
        'o' | 'ò'..='ö' | 'ø' | 'œ' | 'ō' | 'ő' | 'ο' | 'ό' | 'ω' => (Some(Vowel::O), true),
        'u' | 'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'υ' => (Some(Vowel::U), true),
        'а' | 'я' => (Some(Vowel::A), false),
        'е' | 'ё' | 'э' | 'є' => (Some(Vowel::E), false),
        'и' | 'ы' | 'і' | 'ї' => (Some(Vowel::I), false),
        'о' => (Some(Vowel::O), false),
        'у' | 'ю' => (Some(Vowel::U), false),
        c if c.is_ascii_digit() => (Some(by_number(c as u32)), false),
        c if c.is_ascii() || ('ß'..='\u{4ff}').contains(&c) => (None, true),
        c => (Some(by_number(c as u32)), false),
    }
}

fn by_number(number: u32) -> Vowel {
    [Vowel::A, Vowel::E, Vowel::I, Vowel::O, Vowel::U][(number % 5) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_counted_by_groups_of_vowels() {
        for (word, count) in [
            ("light", 1),
            ("lighthouse", 2),
            ("keeper", 2),
            ("table", 2),
            ("come", 1),
            ("hmm", 1),
            ("1984", 4),
            ("café", 2),
            ("маяк", 2),
            ("灯台", 2),
            ("x", 1),
            ("", 1),
        ] {
            assert_eq!(syllables(word).len(), count, "{word}");
        }
    }

    fn tones(text: &str) -> Vec<Syllable> {
        let pick = |note| {
            if let Note::Syllable(tone) = note { Some(tone) } else { None }
        };
        notes(text, 100).into_iter().filter_map(pick).collect()
    }

    #[test]
    fn a_question_rises_and_a_statement_falls() {
        let (asked, said) = (tones("You saw it?"), tones("You saw it."));
        assert!(asked[2].pitch_permille > asked[0].pitch_permille && asked[2].glide_permille > 0);
        assert!(said[2].pitch_permille < said[0].pitch_permille && said[2].glide_permille < 0);
        assert_eq!(asked[0].vowel, said[0].vowel);
    }

    #[test]
    fn a_quoted_question_rises_too_and_a_lone_mark_belongs_to_what_went_before() {
        assert_eq!(tones("“You saw it?”"), tones("You saw it?"));
        assert_eq!(tones("You saw it ?"), tones("You saw it?"));
    }

    #[test]
    fn swing_scales_the_melody_around_the_voices_own_pitch() {
        let flat = notes("Did you really see it?", 0);
        let pitches =
            flat.iter().filter_map(|n| if let Note::Syllable(t) = n { Some(t.pitch_permille) } else { None });
        assert!(pitches.into_iter().all(|pitch| pitch == 1000));
    }

    #[test]
    fn pauses_follow_commas_and_sentences() {
        let rests =
            |text| notes(text, 100).iter().filter(|n| matches!(n, Note::Rest { ms } if *ms >= 150)).count();
        assert_eq!((rests("one two"), rests("one, two"), rests("One. Two.")), (0, 1, 1));
    }
}
