//! The lives of an order, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::order::OrderCommand;
use hydra_events::vocabulary::terms::{Supply, WantedImage};

use crate::table::picture::{hash, made, shows, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        placed("filled").tell(&record("image-a", come())).tell(&record("image-b", come())),
        placed("filled with a gap, mended")
            .tell(&record("image-a", missing()))
            .tell(&record("image-b", come()))
            .tell_anew(&record("image-a", Supply::Reopened {}))
            .tell(&record("image-a", come())),
        placed("cancelled").tell(&record("image-a", come())).tell(&cancel()),
    ]
}

fn placed(name: &'static str) -> Story {
    let wanted =
        |name: &str| WantedImage { image: stream(name), brief: hash(name), shows: shows(), recalled: None };
    let images = vec![wanted("image-a"), wanted("image-b")];
    let (character, scene) = ("keeper".into(), "at the harbour".into());
    let order = OrderCommand::PlaceOrder { character, scene, images, priority: 1, chapter: None };
    Story::new(name, "order-portraits").tell(&order)
}

fn record(asset: &str, supply: Supply) -> OrderCommand {
    OrderCommand::RecordSupply { asset: stream(asset), supply }
}

fn come() -> Supply {
    Supply::Supplied { blob: made(1).blob }
}

fn missing() -> Supply {
    Supply::Missing { reason: "every seed was rejected".into() }
}

fn cancel() -> OrderCommand {
    OrderCommand::CancelOrder { reason: "no longer wanted".into() }
}
