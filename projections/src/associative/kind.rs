//! What a connection means.

/// The meanings, from where a connection begins to where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A chapter has a scene.
    HasScene,
    /// A scene comes after another in the story.
    Follows,
    /// A scene or an order wants a picture or a line.
    Wants,
    /// An order is for a chapter.
    OrderedFor,
    /// An order is for pictures of a character.
    Portrays,
    /// A picture shows a character or a place.
    Shows,
    /// A character speaks a line.
    Speaks,
    /// A character's words in a scene are answered by another.
    SpeaksWith,
    /// A chapter is made from a screenplay.
    MadeFrom,
    /// A chapter has its characters from a file.
    CastFrom,
    /// A scene is written from a specification.
    SpecifiedBy,
    /// A scene is written down in a file.
    WrittenAs,
    /// A character is described by a profile.
    DescribedBy,
    /// A character is known by a reference.
    KnownBy,
    /// A picture is drawn from a brief.
    DrawnFrom,
    /// A line is spoken from a text.
    WordedAs,
    /// A picture or a line was tried by a worker.
    TriedIn,
    /// A picture was drawn once.
    RenderedAs,
    /// A line was recorded once.
    RecordedAs,
    /// A picture's prompt or a scene's lines were written with these facts, or with what they are from, in mind.
    Recalls,
    /// A picture was approved as this file.
    ApprovedAs,
    /// A file came of a render or a recording.
    MadeIn,
    /// A render follows a prompt.
    PromptedBy,
    /// A render began with a seed.
    SeededWith,
    /// A render or a recording was made by an engine.
    MadeBy,
    /// The engine ran a model.
    RanModel,
    /// The engine was asked with this request.
    AskedWith,
    /// It succeeded in this attempt.
    After,
    /// A recording has a voice.
    SpokenIn,
    /// A render was judged in a review.
    JudgedIn,
    /// A review measured something.
    Measured,
    /// A review was under a version of the policy.
    Under,
    /// A review asked a person.
    AskedIn,
    /// A review or an approval was decided by somebody.
    DecidedBy,
}

impl EdgeKind {
    /// All of them.
    pub const ALL: [Self; 34] = [
        Self::HasScene,
        Self::Follows,
        Self::Wants,
        Self::OrderedFor,
        Self::Portrays,
        Self::Shows,
        Self::Speaks,
        Self::SpeaksWith,
        Self::MadeFrom,
        Self::CastFrom,
        Self::SpecifiedBy,
        Self::WrittenAs,
        Self::DescribedBy,
        Self::KnownBy,
        Self::DrawnFrom,
        Self::WordedAs,
        Self::TriedIn,
        Self::RenderedAs,
        Self::RecordedAs,
        Self::Recalls,
        Self::ApprovedAs,
        Self::MadeIn,
        Self::PromptedBy,
        Self::SeededWith,
        Self::MadeBy,
        Self::RanModel,
        Self::AskedWith,
        Self::After,
        Self::SpokenIn,
        Self::JudgedIn,
        Self::Measured,
        Self::Under,
        Self::AskedIn,
        Self::DecidedBy,
    ];

    /// Its name in the stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HasScene => "has_scene",
            Self::Follows => "follows",
            Self::Wants => "wants",
            Self::OrderedFor => "ordered_for",
            Self::Portrays => "portrays",
            Self::Shows => "shows",
            Self::Speaks => "speaks",
            Self::SpeaksWith => "speaks_with",
            Self::MadeFrom => "made_from",
            Self::CastFrom => "cast_from",
            Self::SpecifiedBy => "specified_by",
            Self::WrittenAs => "written_as",
            Self::DescribedBy => "described_by",
            Self::KnownBy => "known_by",
            Self::DrawnFrom => "drawn_from",
            Self::WordedAs => "worded_as",
            Self::TriedIn => "tried_in",
            Self::RenderedAs => "rendered_as",
            Self::RecordedAs => "recorded_as",
            Self::Recalls => "recalls",
            Self::ApprovedAs => "approved_as",
            Self::MadeIn => "made_in",
            Self::PromptedBy => "prompted_by",
            Self::SeededWith => "seeded_with",
            Self::MadeBy => "made_by",
            Self::RanModel => "ran_model",
            Self::AskedWith => "asked_with",
            Self::After => "after",
            Self::SpokenIn => "spoken_in",
            Self::JudgedIn => "judged_in",
            Self::Measured => "measured",
            Self::Under => "under",
            Self::AskedIn => "asked_in",
            Self::DecidedBy => "decided_by",
        }
    }

    /// Whether a path may go by it. What strangers share, such as an engine, would be between any two things.
    const fn is_walked(self) -> bool {
        !matches!(
            self,
            Self::SeededWith | Self::MadeBy | Self::RanModel | Self::SpokenIn | Self::Under | Self::DecidedBy
        )
    }

    /// Whether it leads from something to what it came from. The other ones tell the story.
    const fn is_origin(self) -> bool {
        !matches!(
            self,
            Self::HasScene
                | Self::Follows
                | Self::Wants
                | Self::OrderedFor
                | Self::Portrays
                | Self::Speaks
                | Self::SpeaksWith
        )
    }

    const fn count(of: Sort) -> usize {
        let (mut count, mut index) = (0, 0);
        while index < Self::ALL.len() {
            if Self::ALL[index].is_of(of) {
                count += 1;
            }
            index += 1;
        }
        count
    }

    const fn is_of(self, of: Sort) -> bool {
        match of {
            Sort::Any => true,
            Sort::Walked => self.is_walked(),
            Sort::Origin => self.is_origin(),
        }
    }

    const fn names<const N: usize>(of: Sort) -> [&'static str; N] {
        let (mut names, mut next, mut index) = ([""; N], 0, 0);
        while index < Self::ALL.len() {
            if Self::ALL[index].is_of(of) {
                names[next] = Self::ALL[index].name();
                next += 1;
            }
            index += 1;
        }
        names
    }
}

/// Some of the meanings.
#[derive(Clone, Copy)]
enum Sort {
    Any,
    Walked,
    Origin,
}

/// The names of all of them.
pub const NAMES: &[&str] = &EdgeKind::names::<{ EdgeKind::count(Sort::Any) }>(Sort::Any);
/// Those that a path may go by.
pub const WALKED: &[&str] = &EdgeKind::names::<{ EdgeKind::count(Sort::Walked) }>(Sort::Walked);
/// Those that lead to what something came from.
pub const ORIGINS: &[&str] = &EdgeKind::names::<{ EdgeKind::count(Sort::Origin) }>(Sort::Origin);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_meaning_has_a_name_of_its_own_that_a_store_can_have() {
        let names: BTreeSet<&str> = EdgeKind::ALL.map(EdgeKind::name).into();
        assert_eq!(names.len(), EdgeKind::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        assert_eq!(NAMES, EdgeKind::ALL.map(EdgeKind::name));
    }

    #[test]
    fn paths_and_origins_go_by_some_of_the_meanings() {
        assert!(WALKED.contains(&"speaks_with") && !WALKED.contains(&"made_by"));
        assert!(ORIGINS.contains(&"made_by") && !ORIGINS.contains(&"speaks_with"));
        assert!(WALKED.iter().chain(ORIGINS).all(|name| NAMES.contains(name)));
    }
}
