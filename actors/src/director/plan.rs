//! The documents of a plan: the cast a chapter is made with, and what of it stands in which order.

use std::collections::BTreeMap;

use hydra_events::vocabulary::character::{self, Reference};
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use crate::cast::{Consent, Profile, name_key};

/// The characters a chapter is made with, as JSON behind [`ChapterSource::cast`].
///
/// [`ChapterSource::cast`]: hydra_events::vocabulary::chapter::ChapterSource
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CastDocument {
    /// In the order of the characters file.
    pub members: Vec<CastMember>,
}

/// One character of a cast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CastMember {
    /// The character's id: the slug of its name, as a script has it.
    pub id: String,
    /// Who it is to the studio.
    pub profile: Profile,
    /// Its reference pictures, in the content store.
    #[serde(default)]
    pub references: Vec<Reference>,
}

/// What a chapter is, in order, as JSON behind `ChapterPlanned`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChapterPlan {
    /// The chapter's title.
    pub title: String,
    /// Its scenes, in story order.
    pub scenes: Vec<PlanScene>,
    /// Who speaks, in the order of their first words.
    pub cast: Vec<PlanSpeaker>,
}

/// One scene of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanScene {
    /// Its place in the story, from 1.
    pub number: usize,
    /// Its id in the chapter.
    pub id: String,
    /// Its heading, as written; empty for the text before the first heading.
    pub heading: String,
    /// Its stream.
    pub scene: StreamName,
    /// Its specification, in the content store.
    pub spec: ContentHash,
}

/// One who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSpeaker {
    /// The character's id.
    pub id: String,
    /// The name players read.
    pub name: String,
    /// The first colour of its palette, as `#rrggbb`, if it has one.
    pub colour: Option<String>,
}

impl CastDocument {
    /// The document of these profiles; `blobs` are their reference files that are in the content store, by path.
    ///
    /// A reference whose file is not in `blobs` is left out: nothing can be drawn from it.
    pub fn of(profiles: &[Profile], blobs: &BTreeMap<String, ContentHash>) -> Self {
        let member = |profile: &Profile| CastMember {
            id: crate::screenplay::slug(&profile.name),
            references: references(profile, blobs),
            profile: profile.clone(),
        };
        Self { members: profiles.iter().map(member).collect() }
    }

    /// The member a script calls `id`, or by one of `names`, whatever their case and spaces.
    pub fn member<'a>(&self, id: &str, names: impl Iterator<Item = &'a str>) -> Option<&CastMember> {
        let keys: Vec<String> = names.map(name_key).collect();
        let called = |member: &&CastMember| {
            member.id == id || member.profile.names().any(|name| keys.contains(&name_key(name)))
        };
        self.members.iter().find(called)
    }
}

impl CastMember {
    /// The reference pictures for a portrait in `outfit`: the face, then that outfit's.
    pub fn portrait_references(&self, outfit: &str) -> Vec<ContentHash> {
        let worn = format!("outfit.{outfit}");
        let fits = |reference: &&Reference| reference.purpose == "face" || reference.purpose == worn;
        self.references.iter().filter(fits).map(|reference| reference.blob).collect()
    }
}

/// The references of `profile` whose files are in the content store, with purposes `face`, `outfit.x` and `pose.x`.
pub fn references(profile: &Profile, blobs: &BTreeMap<String, ContentHash>) -> Vec<Reference> {
    let all = &profile.references;
    let face = all.face_ref.iter().map(|reference| ("face".to_owned(), reference));
    let outfits = all.outfit_refs.iter().map(|(name, reference)| (format!("outfit.{name}"), reference));
    let poses = all.pose_refs.iter().map(|(name, reference)| (format!("pose.{name}"), reference));
    let kept = face.chain(outfits).chain(poses).filter_map(|(purpose, reference)| {
        let blob = *blobs.get(&reference.file)?;
        let (source, licence) = (reference.source.clone(), reference.licence.clone());
        Some(Reference { purpose, blob, source, licence, consent: recorded(&reference.consent) })
    });
    kept.collect()
}

fn recorded(consent: &Consent) -> character::Consent {
    match consent.clone() {
        Consent::Fictional | Consent::NotAPerson => character::Consent::Fictional {},
        Consent::RealPerson { given_by, date, scope } => {
            character::Consent::RealPerson { given_by, date, scope }
        }
    }
}
