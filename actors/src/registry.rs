//! Every entity there is, behind one face: what the host, `verify`, `replay` and the documentation iterate over.

use futures::future::BoxFuture;
use hydra_events::StreamName;
use hydra_events::record::Recorded;
use hydra_events::upcast;
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::wire::{Vocabulary, WireError};

use crate::aggregate::{Aggregate, Loaded, WireCommand, unpack, wire_command};
use crate::curator;
use crate::decider::{Decider, Life};
use crate::perform::{Job, Perform};
use crate::ports::{PortError, Ports};
use crate::voice;
use crate::{archivist, artist};
use crate::{director, writer};
use crate::{scheduler, steward};

/// The hash of the source that decides, from the build script.
pub const CODE: &str = env!("HYDRA_CODE_HASH");

/// The actors, by name.
pub const ACTORS: [&str; 8] =
    ["director", "writer", "artist", "curator", "voice", "archivist", "scheduler", "steward"];

type React = fn(&Recorded) -> Result<Vec<(StreamName, WireCommand)>, WireError>;
type PerformOrder = fn(Ports, Vec<u8>, Job) -> BoxFuture<'static, Result<WireCommand, PortError>>;

/// One entity, whatever its types.
#[derive(Clone, Copy)]
pub struct EntityType {
    /// The category of its streams.
    pub category: &'static str,
    /// The actor that owns it.
    pub actor: &'static str,
    /// A stream that does not exist yet.
    pub fresh: fn() -> Box<dyn Aggregate>,
    /// A stream from its snapshot; `None` when the snapshot does not fit.
    pub restore: fn(&[u8]) -> Option<Box<dyn Aggregate>>,
    /// Wire names of the events it reacts to.
    pub reacts_to: &'static [&'static str],
    /// What another entity's event means to it.
    pub react: React,
    /// Names of the commands that report how an attempt went: surfaces do not offer them.
    pub outcomes: &'static [&'static str],
    /// How long its streams go on.
    pub life: Life,
    /// The kind of heavy work it owes, if any.
    pub work: Option<WorkKind>,
    /// Carries out a work order; `None` when it never owes anything.
    pub perform: Option<PerformOrder>,
}

/// Every entity.
pub const ENTITIES: &[EntityType] = &[
    EntityType::performing::<director::chapter::Chapter>(),
    EntityType::deciding::<director::character::Character>(),
    EntityType::deciding::<director::order::Order>(),
    EntityType::performing::<writer::scene::Scene>(),
    EntityType::performing::<artist::image::Image>(),
    EntityType::performing::<curator::review::Review>(),
    EntityType::performing::<voice::line::Line>(),
    EntityType::performing::<archivist::asset::Asset>(),
    EntityType::performing::<archivist::embedding::Embedding>(),
    EntityType::performing::<archivist::knowledge::Knowledge>(),
    EntityType::performing::<archivist::report::Report>(),
    EntityType::deciding::<archivist::memory::Memory>(),
    EntityType::deciding::<scheduler::cluster::Cluster>(),
    EntityType::performing::<scheduler::plan::Plan>(),
    EntityType::deciding::<steward::approval::Approval>(),
    EntityType::deciding::<steward::incident::Incident>(),
    EntityType::deciding::<steward::policy::PolicyKeeper>(),
];

/// The entity of a category.
pub fn entity(category: &str) -> Option<&'static EntityType> {
    entity_beside(&[], category)
}

/// The entity of a category, one of `beside` where it is none of [`ENTITIES`].
pub fn entity_beside(beside: &'static [EntityType], category: &str) -> Option<&'static EntityType> {
    ENTITIES.iter().chain(beside).find(|entity| entity.category == category)
}

/// The kinds of heavy work that `actor` owes.
pub fn kinds_of(actor: &str) -> impl Iterator<Item = WorkKind> {
    ENTITIES.iter().filter(move |entity| entity.actor == actor).filter_map(|entity| entity.work)
}

/// The typed event in `recorded`, lifted to its newest schema.
pub fn typed<E: Vocabulary>(recorded: &Recorded) -> Result<E, WireError> {
    upcast::read(&recorded.kind, &recorded.payload)
}

impl EntityType {
    /// An entity that never owes anything.
    pub const fn deciding<D: Decider>() -> Self {
        Self {
            category: D::CATEGORY,
            actor: D::ACTOR,
            fresh: fresh::<D>,
            restore: Loaded::<D>::restore,
            reacts_to: D::REACTS_TO,
            react: react::<D>,
            outcomes: D::OUTCOMES,
            life: D::LIFE,
            work: D::WORK,
            perform: None,
        }
    }

    /// An entity whose effects are carried out by its performer.
    pub const fn performing<D: Perform>() -> Self {
        Self { perform: Some(perform::<D>), ..Self::deciding::<D>() }
    }
}

fn fresh<D: Decider>() -> Box<dyn Aggregate> {
    Box::new(Loaded::<D>::default())
}

fn react<D: Decider>(event: &Recorded) -> Result<Vec<(StreamName, WireCommand)>, WireError> {
    let erase = |(stream, command)| wire_command(&stream, &command).map(|wire| (stream, wire));
    D::react(event)?.into_iter().map(erase).collect()
}

fn perform<D: Perform>(
    ports: Ports,
    order: Vec<u8>,
    job: Job,
) -> BoxFuture<'static, Result<WireCommand, PortError>> {
    Box::pin(async move {
        let effect: D::Effect = unpack(&order).map_err(PortError::permanent)?;
        let stream = job.stream.clone();
        let command = D::perform(ports, effect, job).await?;
        wire_command(&stream, &command).map_err(PortError::permanent)
    })
}
