//! What a feeling does to a voice. Mild on purpose: a machine that overacts is worse than a calm one.

/// The feelings a built-in voice can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Mood {
    /// Nothing in particular; also what an unknown word means.
    #[default]
    Neutral,
    /// Livelier and a little higher.
    Happy,
    /// Faster still, and higher.
    Excited,
    /// Slower and lower.
    Sad,
    /// Quick, lower, with wide swings.
    Angry,
    /// Quick and high, with small swings.
    Afraid,
    /// High, with wide swings.
    Surprised,
    /// Slow and soft.
    Tender,
    /// Slow, low and flat.
    Tired,
    /// Soft and flat.
    Whisper,
}

/// What a mood changes, in percent of the voice's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MoodTraits {
    /// Added to the tempo.
    pub tempo_percent: i64,
    /// Added to the pitch.
    pub pitch_percent: i64,
    /// The size of the melody's swings, 100 is normal.
    pub swing_percent: i64,
    /// The loudest sample, in thousandths of full scale (-3 dBFS is 708, -6 dBFS is 501).
    pub peak_permille: i64,
}

/// Words for each mood, lower case; the first match wins.
const WORDS: [(Mood, &[&str]); 9] = [
    (Mood::Happy, &["happy", "joy", "joyful", "cheerful", "smiling", "smile", "amused", "laughing", "warm"]),
    (Mood::Excited, &["excited", "eager", "thrilled", "enthusiastic", "triumphant"]),
    (Mood::Sad, &["sad", "crying", "tearful", "grieving", "melancholy", "somber", "hurt", "lonely"]),
    (Mood::Angry, &["angry", "furious", "shouting", "annoyed", "irritated", "stern", "determined"]),
    (Mood::Afraid, &["afraid", "scared", "fearful", "nervous", "anxious", "worried", "panicked", "panic"]),
    (Mood::Surprised, &["surprised", "shocked", "startled", "astonished", "confused"]),
    (Mood::Tender, &["tender", "gentle", "soft", "softly", "calm", "loving", "shy", "embarrassed", "quiet"]),
    (Mood::Tired, &["tired", "weary", "exhausted", "sleepy", "bored", "thoughtful"]),
    (Mood::Whisper, &["whisper", "whispering", "whispers", "hushed", "secretive"]),
];

impl Mood {
    /// The mood a word stands for, whatever its case; an unknown word is [`Mood::Neutral`].
    pub fn of(emotion: &str) -> Mood {
        let word = emotion.trim().to_lowercase();
        WORDS
            .iter()
            .find(|(_, words)| words.contains(&word.as_str()))
            .map_or(Mood::Neutral, |(mood, _)| *mood)
    }

    pub(super) fn traits(self) -> MoodTraits {
        let (tempo_percent, pitch_percent, swing_percent, peak_permille) = match self {
            Mood::Neutral => (0, 0, 100, 630),
            Mood::Happy => (5, 6, 130, 660),
            Mood::Excited => (12, 9, 150, 700),
            Mood::Sad => (-12, -6, 70, 560),
            Mood::Angry => (8, -4, 150, 700),
            Mood::Afraid => (14, 8, 80, 600),
            Mood::Surprised => (4, 10, 160, 690),
            Mood::Tender => (-8, 2, 80, 540),
            Mood::Tired => (-15, -5, 60, 540),
            Mood::Whisper => (-6, -2, 50, 505),
        };
        MoodTraits { tempo_percent, pitch_percent, swing_percent, peak_permille }
    }
}
