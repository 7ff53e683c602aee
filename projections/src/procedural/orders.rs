//! Orders for portraits.

use hydra_events::StreamName;
use hydra_events::record::Recorded;
use hydra_events::vocabulary::order::OrderEvent;
use hydra_events::wire::WireError;
use serde_json::Value;

use crate::view::{ViewOp, json, typed};

pub(super) fn order(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<OrderEvent>(event)? else { return Ok(Vec::new()) };
    let row = || ViewOp::put("orders", event.stream.id());
    let asset = |name: &StreamName, state: &str| {
        let op = ViewOp::put("scene_assets", format!("{}/{name}", event.stream));
        op.set("scene", event.stream.as_str()).set("asset", name.as_str()).set("state", state)
    };
    Ok(match fact {
        OrderEvent::OrderPlaced { character, scene, images, priority, chapter } => {
            let op = row().set("character", character).set("scene", scene).set("priority", priority);
            let op = op.set("images", json(&images)).set("chapter", json(&chapter)).set("state", "open");
            let wanted = images.iter().map(|wanted| asset(&wanted.image, "waiting"));
            std::iter::once(op.set("placed_at", event.time.0)).chain(wanted).collect()
        }
        OrderEvent::OrderImageSupplied { asset: name, blob } => {
            vec![asset(&name, "supplied").set("blob", json(&blob)).set("reason", Value::Null)]
        }
        OrderEvent::OrderImageMissing { asset: name, reason } => {
            vec![asset(&name, "missing").set("blob", Value::Null).set("reason", reason)]
        }
        OrderEvent::OrderImageReopened { asset: name } => {
            vec![asset(&name, "waiting").set("reason", Value::Null), row().set("state", "open")]
        }
        OrderEvent::OrderFilled { supplied, missing, .. } => {
            let op = row().set("state", "filled").set("supplied", supplied).set("missing", missing);
            vec![op.set("filled_at", event.time.0)]
        }
        OrderEvent::OrderCancelled { .. } => vec![row().set("state", "cancelled")],
    })
}
