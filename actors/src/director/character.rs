//! A character: its profile, and the references it may be shown by. It listens to nothing and owes nothing.
//!
//! What can go wrong: a reference without provenance, or of a real person whose consent is not recorded. Such a
//! definition is refused as a whole, naming what is missing, before anything can be made from it.

use hydra_events::ContentHash;
use hydra_events::vocabulary::character::{CharacterCommand, CharacterEvent, Consent, Reference};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, NoEffect};

/// The entity.
pub struct Character;

/// What a character remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CharacterState {
    /// Whether anybody has defined it.
    pub status: Status,
}

/// Whether a character is defined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Status {
    /// Nobody has defined it.
    #[default]
    Absent,
    /// It has a profile.
    Defined(Definition),
}

/// What a character is at present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Its name, as people write it.
    pub name: String,
    /// Its profile as JSON, in the content store.
    pub profile: ContentHash,
    /// Its references.
    pub references: Vec<Reference>,
    /// How often it was defined.
    pub edition: u32,
}

/// Why a character says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CharacterRejection {
    /// It has no name.
    #[error("a character needs a name")]
    NoName,
    /// A reference does not say everything it must say.
    #[error("the reference {purpose:?} lacks {missing}: nothing is used whose origin is not recorded")]
    Provenance {
        /// What the reference is for.
        purpose: String,
        /// What is missing, in words.
        missing: String,
    },
    /// A reference shows a real person who is not known to have agreed.
    #[error(
        "the reference {purpose:?} shows a real person without a recorded consent: record who gave it, when and for what"
    )]
    ConsentUnrecorded {
        /// What the reference is for.
        purpose: String,
    },
}

impl Decider for Character {
    const CATEGORY: &'static str = "character";
    const ACTOR: &'static str = "director";

    type Command = CharacterCommand;
    type Event = CharacterEvent;
    type Rejection = CharacterRejection;
    type Effect = NoEffect;
    type State = CharacterState;

    fn decide(
        state: &CharacterState,
        command: CharacterCommand,
        _: Given<'_>,
    ) -> Result<Vec<CharacterEvent>, CharacterRejection> {
        match command {
            CharacterCommand::DefineCharacter { name, profile, references } => {
                state.define(name, profile, references)
            }
        }
    }

    fn evolve(state: &mut CharacterState, event: &CharacterEvent) {
        match event {
            CharacterEvent::CharacterDefined { name, profile, references, edition } => {
                let (name, references) = (name.clone(), references.clone());
                state.status =
                    Status::Defined(Definition { name, profile: *profile, references, edition: *edition });
            }
        }
    }
}

impl CharacterState {
    fn define(
        &self,
        name: String,
        profile: ContentHash,
        references: Vec<Reference>,
    ) -> Result<Vec<CharacterEvent>, CharacterRejection> {
        if name.trim().is_empty() {
            return Err(CharacterRejection::NoName);
        }
        references.iter().try_for_each(check_reference)?;
        let edition = match &self.status {
            Status::Absent => 1,
            Status::Defined(now)
                if now.name == name && now.profile == profile && now.references == references =>
            {
                return Ok(Vec::new());
            }
            Status::Defined(now) => now.edition + 1,
        };
        Ok(vec![CharacterEvent::CharacterDefined { name, profile, references, edition }])
    }
}

/// Whether a reference may be used at all: where it comes from, by what right, and by whose leave.
///
/// # Errors
/// What is missing of it.
pub fn check_reference(reference: &Reference) -> Result<(), CharacterRejection> {
    let purpose = reference.purpose.clone();
    let mut said = vec![
        ("a purpose", purpose.as_str()),
        ("a source", &reference.source),
        ("a licence", &reference.licence),
    ];
    match &reference.consent {
        Consent::Fictional {} => {}
        Consent::RealPerson { given_by, date, scope } => said.extend([
            ("the name of who consented", given_by.as_str()),
            ("the date of the consent", date),
            ("the scope of the consent", scope),
        ]),
        Consent::Unrecorded {} => return Err(CharacterRejection::ConsentUnrecorded { purpose }),
    }
    let silent = said.into_iter().filter(|(_, words)| words.trim().is_empty());
    let missing = silent.map(|(what, _)| what).collect::<Vec<_>>().join(", ");
    if missing.is_empty() { Ok(()) } else { Err(CharacterRejection::Provenance { purpose, missing }) }
}
