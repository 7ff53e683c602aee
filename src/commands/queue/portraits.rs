//! From a file of orders to what is asked for: the characters, the briefs, the orders. Nothing is stored before all of
//! it is known to be in order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use hydra_actors::cast::{Cast, Profile, default_profile};
use hydra_actors::director::plan::{CastDocument, CastMember};
use hydra_actors::request::{self, PortraitRequest};
use hydra_actors::screenplay::{Expression, slug};
use hydra_actors::writer::briefs;
use hydra_actors::{cast, gate};
use hydra_events::Id;
use hydra_events::vocabulary::terms::Brief;

use crate::exit::BadInput;
use crate::input;

const EXPRESSIONS: [Expression; 10] = [
    Expression::Neutral,
    Expression::Happy,
    Expression::Sad,
    Expression::Angry,
    Expression::Afraid,
    Expression::Surprised,
    Expression::Tender,
    Expression::Tired,
    Expression::Determined,
    Expression::Amused,
];

/// A file of orders, understood.
pub struct Portraits {
    /// The file's name without its ending.
    pub stem: String,
    /// The orders, in the file's order.
    pub requests: Vec<PortraitRequest>,
    /// The profile of each order's character.
    pub profiles: Vec<Profile>,
    /// The characters file, where there is one.
    pub cast_file: Option<PathBuf>,
    /// What was noticed.
    pub warnings: Vec<String>,
}

/// Reads `file` and whom it is about, and refuses what must not be made.
pub fn read(file: &Path, characters: Option<&Path>) -> Result<Portraits> {
    let text = input::read_text(file, request::FILE_BYTES_MAX)?;
    let problems = |problems: Vec<cast::CastProblem>| {
        BadInput(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    let requests = request::parse(&text, &file.display().to_string()).map_err(problems)?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let cast_file = characters.map(Path::to_owned).or_else(|| beside(file, &stem));
    let cast = cast_file.as_deref().map(input::read_cast).transpose()?;
    let (mut profiles, mut warnings) = (Vec::new(), Vec::new());
    for request in &requests {
        let known = cast.as_ref().and_then(|cast: &Cast| cast.profile_for(&request.character)).cloned();
        let name = &request.character;
        if known.is_none() {
            warnings.push(format!("{}: nobody describes {name}: a default profile is used", file.display()));
        }
        profiles.push(known.unwrap_or_else(|| default_profile(&slug(name), name)));
    }
    warnings.dedup();
    let portraits = Portraits { stem, requests, profiles, cast_file, warnings };
    portraits.refuse_denied(file)?;
    Ok(portraits)
}

/// The briefs of an order's pictures, in order.
pub fn briefs(request: &PortraitRequest, member: &CastMember) -> Vec<Brief> {
    let dressed = dressed(member, &request.outfit);
    let mut brief = briefs::bust(&dressed, expression(&request.emotion));
    brief.shows.outfit = request::slug(&request.outfit).unwrap_or_default();
    brief.references = member.portrait_references(&request.outfit);
    brief.prompt = format!("{}, for the scene {}", brief.prompt, request.scene);
    let picture = |index: u32| {
        let mut brief = brief.clone();
        brief.shows.candidate = index + 1;
        if let Some(prompt) = request.prompt_for(index) {
            brief.prompt = prompt.to_owned();
        }
        brief
    };
    (0..request.count).map(picture).collect()
}

/// The id of an order: the same for the same words, person and file, also among equal orders of one file.
pub fn order_id(
    stem: &str,
    request: &PortraitRequest,
    member: &CastMember,
    occurrence: usize,
) -> Result<String> {
    let (request, member) = (serde_json::to_vec(request)?, serde_json::to_vec(member)?);
    let occurrence = (occurrence as u64).to_le_bytes();
    Ok(Id::derive("portrait_order", &[stem.as_bytes(), &request, &member, &occurrence]).to_string())
}

impl Portraits {
    /// What the content gate finds in the words that would reach an engine.
    fn refuse_denied(&self, file: &Path) -> Result<(), BadInput> {
        let members = CastDocument::of(&self.profiles, &BTreeMap::new()).members;
        let mut denied = Vec::new();
        for (number, (request, member)) in self.requests.iter().zip(&members).enumerate() {
            let told = briefs(request, member).into_iter().map(|brief| words(&brief));
            let given = [request.scene.clone(), request.outfit.clone()];
            if let Some(refusal) = given.into_iter().chain(told).find_map(|text| gate::check(&text).err()) {
                denied.push(format!("{}: order {}: {refusal}", file.display(), number + 1));
            }
        }
        if denied.is_empty() { Ok(()) } else { Err(BadInput(denied.join("\n"))) }
    }
}

/// The character as it is in `outfit`: the brief words what somebody wears every day.
fn dressed(member: &CastMember, outfit: &str) -> CastMember {
    let mut dressed = member.clone();
    dressed.profile.looks.clothing = member.profile.clothing_in(outfit).to_owned();
    dressed.profile.outfits.clear();
    dressed
}

fn expression(emotion: &str) -> Expression {
    EXPRESSIONS.into_iter().find(|expression| briefs::word(*expression) == emotion).unwrap_or_default()
}

fn words(brief: &Brief) -> String {
    let Brief { prompt, traits, clothing, lighting, mood, .. } = brief;
    [prompt.clone(), traits.join("\n"), clothing.clone(), lighting.clone(), mood.clone()].join("\n")
}

fn beside(file: &Path, stem: &str) -> Option<PathBuf> {
    let names = [format!("{stem}.characters.yaml"), "characters.yaml".to_owned()];
    names.into_iter().map(|name| file.with_file_name(name)).find(|file| file.exists())
}
