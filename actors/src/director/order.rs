//! An order for pictures of one character. It listens to its pictures and owes nothing: the Artist draws.
//!
//! What can go wrong: a picture will not come, and the order is filled with a gap; a retry of the picture reopens it.
//! An order never changes its content: what is wanted differently is another order.

use hydra_events::StreamName;
use hydra_events::record::Recorded;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::order::{OrderCommand, OrderEvent};
use hydra_events::vocabulary::terms::{Supply, WantedImage};
use hydra_events::wire::WireError;
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, NoEffect, Reaction};
use crate::registry::typed;
use crate::supply::{Standing, Supplies, Tally, told_by_image};

/// The entity.
pub struct Order;

/// What an order remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderState {
    /// Where it stands.
    pub status: Status,
    /// What was ordered; absent with the order itself.
    pub placed: Option<Placed>,
    /// Its pictures.
    pub supplies: Supplies,
    /// How often it was filled.
    pub fillings: u32,
}

/// What was ordered, for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// The character.
    pub character: String,
    /// What the pictures show, in the orderer's words.
    pub scene: String,
    /// The pictures.
    pub images: Vec<WantedImage>,
    /// Higher goes first.
    pub priority: i32,
    /// The chapter whose folder they go to.
    pub chapter: Option<String>,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Nobody has placed it.
    #[default]
    Absent,
    /// It waits for pictures.
    Waiting,
    /// Every picture has come or is known to be missing.
    Filled,
    /// It is no longer wanted.
    Cancelled,
}

/// Why an order says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OrderRejection {
    /// Nobody has placed it.
    #[error("there is no such order")]
    Unknown,
    /// Its id belongs to another order.
    #[error("this order was placed with other content: place what is wanted now under another id")]
    OtherContent,
    /// It asks for nothing.
    #[error("an order needs a character and at least one picture")]
    Empty,
    /// It asks for one picture twice.
    #[error("the order names {0} twice: each picture is made once")]
    NamedTwice(StreamName),
    /// It is no longer wanted.
    #[error("the order was cancelled")]
    Cancelled,
    /// It never asked for the picture.
    #[error("the order does not wait for {0}")]
    UnknownAsset(StreamName),
}

impl Decider for Order {
    const CATEGORY: &'static str = "order";
    const ACTOR: &'static str = "director";
    const REACTS_TO: &'static [&'static str] =
        &["image.image_supplied.v1", "image.image_missing.v1", "image.render_reopened.v1"];

    type Command = OrderCommand;
    type Event = OrderEvent;
    type Rejection = OrderRejection;
    type Effect = NoEffect;
    type State = OrderState;

    fn decide(
        state: &OrderState,
        command: OrderCommand,
        _: Given<'_>,
    ) -> Result<Vec<OrderEvent>, OrderRejection> {
        match command {
            OrderCommand::PlaceOrder { character, scene, images, priority, chapter } => {
                state.place(Placed { character, scene, images, priority, chapter })
            }
            OrderCommand::RecordSupply { asset, supply } => state.record(asset, supply),
            OrderCommand::CancelOrder { reason } => state.cancel(reason),
        }
    }

    fn evolve(state: &mut OrderState, event: &OrderEvent) {
        match event {
            OrderEvent::OrderPlaced { character, scene, images, priority, chapter } => {
                let (character, scene, images) = (character.clone(), scene.clone(), images.clone());
                let wanted = images.iter().map(|wanted| (wanted.image.clone(), wanted.brief));
                state.supplies = Supplies::default();
                state.supplies.want(wanted);
                let (priority, chapter) = (*priority, chapter.clone());
                state.placed = Some(Placed { character, scene, images, priority, chapter });
                state.status = Status::Waiting;
            }
            OrderEvent::OrderImageSupplied { asset, blob } => {
                state.supplies.set(asset, Standing::Supplied(*blob))
            }
            OrderEvent::OrderImageMissing { asset, .. } => state.supplies.set(asset, Standing::Missing),
            OrderEvent::OrderImageReopened { asset } => {
                state.supplies.set(asset, Standing::Awaited);
                state.status = Status::Waiting;
            }
            OrderEvent::OrderFilled { filling, .. } => {
                state.status = Status::Filled;
                state.fillings = *filling;
            }
            OrderEvent::OrderCancelled { .. } => {
                state.status = Status::Cancelled;
                state.supplies = Supplies::default();
            }
        }
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<OrderCommand>>, WireError> {
        typed::<ImageEvent>(event).map(|fact| of_image(&event.stream, fact))
    }
}

impl OrderState {
    fn place(&self, wanted: Placed) -> Result<Vec<OrderEvent>, OrderRejection> {
        let other = self.placed.as_ref().is_some_and(|placed| *placed != wanted);
        match self.status {
            Status::Absent => wanted.check()?,
            Status::Waiting | Status::Filled | Status::Cancelled if other => {
                return Err(OrderRejection::OtherContent);
            }
            Status::Waiting | Status::Filled => return Ok(Vec::new()),
            Status::Cancelled => {}
        }
        let Placed { character, scene, images, priority, chapter } = wanted;
        Ok(vec![OrderEvent::OrderPlaced { character, scene, images, priority, chapter }])
    }

    fn record(&self, asset: StreamName, supply: Supply) -> Result<Vec<OrderEvent>, OrderRejection> {
        match self.status {
            Status::Absent => return Err(OrderRejection::Unknown),
            Status::Cancelled => return Err(OrderRejection::Cancelled),
            Status::Waiting | Status::Filled => {}
        }
        match self.supplies.is_news(&asset, &supply) {
            None => return Err(OrderRejection::UnknownAsset(asset)),
            Some(false) => return Ok(Vec::new()),
            Some(true) => {}
        }
        let news = match supply {
            Supply::Supplied { blob } => OrderEvent::OrderImageSupplied { asset, blob },
            Supply::Missing { reason } => OrderEvent::OrderImageMissing { asset, reason },
            Supply::Reopened {} => OrderEvent::OrderImageReopened { asset },
        };
        let mut after = self.clone();
        Order::evolve(&mut after, &news);
        let filled = after.supplies.settled().map(|tally| after.filled(tally));
        Ok(std::iter::once(news).chain(filled).collect())
    }

    fn filled(&self, Tally { supplied, missing }: Tally) -> OrderEvent {
        OrderEvent::OrderFilled { supplied, missing, filling: self.fillings + 1 }
    }

    fn cancel(&self, reason: String) -> Result<Vec<OrderEvent>, OrderRejection> {
        match self.status {
            Status::Absent => Err(OrderRejection::Unknown),
            Status::Cancelled => Ok(Vec::new()),
            Status::Waiting | Status::Filled => {
                Ok(vec![OrderEvent::OrderCancelled { reason, released: self.supplies.names() }])
            }
        }
    }
}

impl Placed {
    fn check(&self) -> Result<(), OrderRejection> {
        if self.character.trim().is_empty() || self.images.is_empty() {
            return Err(OrderRejection::Empty);
        }
        let mut named = std::collections::BTreeSet::new();
        match self.images.iter().find(|wanted| !named.insert(&wanted.image)) {
            Some(wanted) => Err(OrderRejection::NamedTwice(wanted.image.clone())),
            None => Ok(()),
        }
    }
}

fn of_image(image: &StreamName, fact: ImageEvent) -> Vec<Reaction<OrderCommand>> {
    let told = told_by_image(fact, Order::CATEGORY).into_iter();
    told.map(|(order, supply)| (order, OrderCommand::RecordSupply { asset: image.clone(), supply })).collect()
}
