//! `hydra queue add`: orders for portraits. Adding the same file twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use hydra_actors::director::plan::{CastDocument, CastMember};
use hydra_actors::request::PortraitRequest;
use hydra_events::stream::join_id;
use hydra_events::vocabulary::character::CharacterCommand;
use hydra_events::vocabulary::order::OrderCommand;
use hydra_events::vocabulary::terms::{Brief, WantedImage};
use hydra_events::{ContentHash, ContentStore, StreamName};
use hydra_projections::rows::OrderRow;
use serde::{Serialize, Serializer};

use super::super::Setting;
use super::super::through::{self, After, Command, Way};
use super::portraits::{self, Portraits};
use crate::app::Reading;
use crate::exit::Exit;
use crate::folder::Built;
use crate::{backends, folder, input, print};

/// The last line for machines.
#[derive(Serialize)]
struct Summary {
    orders: usize,
    images: usize,
    supplied: u32,
    missing: u32,
    /// Pictures a person has to judge first.
    undecided: usize,
    /// The commands that judge them, and why each is undecided.
    next: Vec<Judgement>,
    /// Where the pictures are; one folder unless the orders name several chapters.
    #[serde(serialize_with = "joined", rename = "folder")]
    folders: Vec<String>,
}

/// What a person has to say of a picture.
#[derive(Serialize)]
struct Judgement {
    /// The command line that approves it; with `reject` for `approve` it is drawn again.
    command: String,
    /// The picture.
    picture: String,
    /// What is too close to call.
    because: String,
}

/// Judgements that are told in full; the others are counted.
const JUDGEMENTS_TOLD: usize = 10;

/// Orders what `file` asks for, and has it made unless a running Hydra does that.
pub async fn run(setting: &Setting, file: &Path, characters: Option<&Path>) -> Result<Exit> {
    let portraits = portraits::read(file, characters)?;
    for warning in &portraits.warnings {
        print::progress(format!("warning   {warning}"));
    }
    let content = backends::content(&setting.data).await?;
    let (commands, orders) = asked(&content, &portraits).await?;
    let sent = through::send(setting, "queue add", commands, After::Finish).await?;
    sent.tell_end();
    let images: u32 = portraits.requests.iter().map(|request| request.count).sum();
    if sent.way == Way::Holder {
        return sent.tell(setting, &format!("{} orders for {images} pictures were taken", orders.len()));
    }
    let summary = summary(setting, &content, &orders, images as usize).await?;
    let gap = summary.images as u32 - summary.supplied.min(summary.images as u32);
    tell(setting, &summary)?;
    let exit = sent.exit();
    Ok(if exit == Exit::Done && gap > 0 { Exit::Found } else { exit })
}

fn tell(setting: &Setting, summary: &Summary) -> Result<()> {
    if setting.json {
        return Ok(print::json(summary)?);
    }
    let Summary { orders, images, supplied, missing, undecided, next, folders } = summary;
    print::progress(format!("\n{orders} orders: {supplied} of {images} pictures made, {missing} missing"));
    if *undecided > 0 {
        print::progress(format!(
            "{undecided} are too close to call and wait for a person; what you approve goes to its folder, and what you \
             reject (`reject` for `approve`) is drawn again:"
        ));
        for Judgement { command, picture, because } in next.iter().take(JUDGEMENTS_TOLD) {
            print::progress(format!("  {command}\n    {because}: look at {picture}"));
        }
        if next.len() > JUDGEMENTS_TOLD {
            let rest = next.len() - JUDGEMENTS_TOLD;
            print::progress(format!("  and {rest} more: {} approvals list", setting.invocation()));
        }
    }
    if *missing > 0 {
        let hydra = setting.invocation();
        print::progress(format!("`{hydra} dead list` says why, `{hydra} dead retry` tries again"));
    }
    Ok(print::line(folders.join("\n"))?)
}

/// The commands of all orders, after the definitions of their characters, and the orders' ids.
async fn asked(content: &dyn ContentStore, portraits: &Portraits) -> Result<(Vec<Command>, Vec<String>)> {
    let mut blobs = BTreeMap::new();
    for (file, bytes) in input::reference_files(&portraits.profiles, portraits.cast_file.as_deref())? {
        blobs.insert(file, content.put(bytes).await?);
    }
    let members = CastDocument::of(&portraits.profiles, &blobs).members;
    let mut commands = Vec::new();
    let mut defined: Vec<&str> = Vec::new();
    for member in &members {
        if !defined.contains(&member.id.as_str()) {
            defined.push(&member.id);
            commands.push(definition(content, member).await?);
        }
    }
    let mut orders: Vec<String> = Vec::new();
    for (index, (request, member)) in portraits.requests.iter().zip(&members).enumerate() {
        let occurrence = portraits.requests[..index].iter().filter(|earlier| *earlier == request).count();
        let order = portraits::order_id(&portraits.stem, request, member, occurrence)?;
        commands.push(placement(content, &order, request, member).await?);
        orders.push(order);
    }
    Ok((commands, orders))
}

async fn definition(content: &dyn ContentStore, member: &CastMember) -> Result<Command> {
    let stream = StreamName::try_new("character", &join_id(&[&member.id]))?;
    let name = member.profile.name.clone();
    let profile = content.put(serde_json::to_vec(&member.profile)?).await?;
    let references = member.references.clone();
    through::command(&stream, &CharacterCommand::DefineCharacter { name, profile, references })
}

async fn placement(
    content: &dyn ContentStore,
    order: &str,
    request: &PortraitRequest,
    member: &CastMember,
) -> Result<Command> {
    let owner = request.chapter.as_deref().unwrap_or(order);
    let mut images = Vec::new();
    for brief in portraits::briefs(request, member) {
        let hash = content.put(serde_json::to_vec(&brief)?).await?;
        images.push(WantedImage {
            image: image_stream(owner, &brief, hash)?,
            brief: hash,
            shows: brief.shows,
            // Whoever orders a portrait says all that is wanted of it.
            recalled: None,
        });
    }
    let PortraitRequest { character, scene, priority, chapter, .. } = request.clone();
    let stream = StreamName::try_new("order", order)?;
    through::command(&stream, &OrderCommand::PlaceOrder { character, scene, images, priority, chapter })
}

/// The stream of a picture, named as the Writer names a chapter's.
fn image_stream(owner: &str, brief: &Brief, hash: ContentHash) -> Result<StreamName> {
    let shows = &brief.shows;
    let (candidate, hash) = (format!("c{}", shows.candidate), hash.to_string());
    let parts = [owner, &shows.subject, &shows.outfit, &shows.expression, &candidate, &hash[..8]];
    let told: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(StreamName::try_new("image", &join_id(&told))?)
}

async fn summary(
    setting: &Setting,
    content: &dyn ContentStore,
    orders: &[String],
    images: usize,
) -> Result<Summary> {
    let views = Reading::open(&setting.data).await?.views;
    let rows: Vec<_> = views.orders().await?.into_iter().filter(|row| orders.contains(&row.id)).collect();
    let built = folder::portraits(&views, content, &setting.out).await?;
    let folders: BTreeSet<String> = rows.iter().filter_map(|row| folder_of(setting, &built, row)).collect();
    // An order counts when it is filled; its pictures count as they come.
    let (mut supplied, mut missing) = (0, 0);
    for row in &rows {
        for asset in views.assets_of(&format!("order-{}", row.id)).await? {
            supplied += u32::from(asset.state.as_deref() == Some("supplied"));
            missing += u32::from(asset.state.as_deref() == Some("missing"));
        }
    }
    let open =
        views.open_approvals().await?.into_iter().filter(|approval| orders.contains(&approval.chapter));
    let next: Vec<Judgement> = open
        .map(|approval| Judgement {
            command: format!("{} approvals approve {}", setting.invocation(), approval.id),
            picture: content.place(approval.blob),
            because: approval.reasons.join("; "),
        })
        .collect();
    Ok(Summary {
        orders: orders.len(),
        images,
        supplied,
        missing,
        undecided: next.len(),
        next,
        folders: folders.into_iter().collect(),
    })
}

/// The folder an order's pictures are in: its chapter's, or the one of orders without a chapter.
fn folder_of(setting: &Setting, built: &[Built], order: &OrderRow) -> Option<String> {
    let under =
        order.chapter.as_ref().map_or_else(|| setting.out.clone(), |chapter| setting.out.join(chapter));
    let found = built.iter().find(|built| built.folder.parent() == Some(&under));
    found.map(|built| built.folder.display().to_string())
}

/// One name as text, several as a list.
fn joined<S: Serializer>(folders: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    match folders {
        [folder] => serializer.serialize_str(folder),
        several => several.serialize(serializer),
    }
}
