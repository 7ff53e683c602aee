//! What an order may be told, and what then becomes of it.

use hydra_actors::decider::Decider;
use hydra_actors::director::order::{Order, OrderRejection, Status};
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::order::{OrderCommand, OrderEvent};
use hydra_events::vocabulary::terms::{ShownKind, Shows, Supply, WantedImage};

use crate::table::story::check;
use crate::table::stream::{hash as blob, name as stream, owed, recorded, state as folded};

fn image(name: &str) -> WantedImage {
    let shows = Shows {
        subject: "nell".into(),
        kind: ShownKind::Bust,
        outfit: "coat".into(),
        expression: "happy".into(),
        candidate: 1,
    };
    WantedImage { image: stream(&format!("image-{name}")), brief: blob(name), shows, recalled: None }
}

fn place(names: &[&str]) -> OrderCommand {
    let images = names.iter().map(|name| image(name)).collect();
    let (character, scene) = ("nell".to_owned(), "on the quay".to_owned());
    OrderCommand::PlaceOrder { character, scene, images, priority: 5, chapter: None }
}

fn placed() -> OrderEvent {
    let images = vec![image("a"), image("b")];
    let (character, scene) = ("nell".to_owned(), "on the quay".to_owned());
    OrderEvent::OrderPlaced { character, scene, images, priority: 5, chapter: None }
}

fn told(name: &str, supply: Supply) -> OrderCommand {
    OrderCommand::RecordSupply { asset: stream(&format!("image-{name}")), supply }
}

fn came(file: &str) -> Supply {
    Supply::Supplied { blob: blob(file) }
}

fn lost() -> Supply {
    Supply::Missing { reason: "every seed was rejected".into() }
}

fn supplied(name: &str) -> OrderEvent {
    OrderEvent::OrderImageSupplied { asset: stream(&format!("image-{name}")), blob: blob("file") }
}

fn missing(name: &str) -> OrderEvent {
    OrderEvent::OrderImageMissing {
        asset: stream(&format!("image-{name}")),
        reason: "every seed was rejected".into(),
    }
}

fn reopened(name: &str) -> OrderEvent {
    OrderEvent::OrderImageReopened { asset: stream(&format!("image-{name}")) }
}

fn filled(supplied: u32, missing: u32, filling: u32) -> OrderEvent {
    OrderEvent::OrderFilled { supplied, missing, filling }
}

fn cancelled() -> OrderEvent {
    let released = vec![stream("image-a"), stream("image-b")];
    OrderEvent::OrderCancelled { reason: "enough".into(), released }
}

fn cancel() -> OrderCommand {
    OrderCommand::CancelOrder { reason: "enough".into() }
}

#[test]
fn an_order_is_placed_once() {
    check::<Order>(&[], place(&["a", "b"]), Ok(vec![placed()]));
    check::<Order>(&[placed()], place(&["a", "b"]), Ok(vec![]));
    check::<Order>(&[placed(), supplied("a")], place(&["a", "b"]), Ok(vec![]));
    assert_eq!(owed::<Order>(&[placed()]), Vec::<String>::new());
}

#[test]
fn other_content_under_the_same_id_is_refused() {
    check::<Order>(&[placed()], place(&["a"]), Err(OrderRejection::OtherContent));
    check::<Order>(&[placed(), cancelled()], place(&["a"]), Err(OrderRejection::OtherContent));
}

#[test]
fn an_order_asks_for_something_and_for_each_thing_once() {
    check::<Order>(&[], place(&[]), Err(OrderRejection::Empty));
    check::<Order>(&[], place(&["a", "a"]), Err(OrderRejection::NamedTwice(stream("image-a"))));
}

#[test]
fn it_is_filled_when_every_picture_has_come_or_is_missing() {
    let events = [placed(), supplied("a")];
    check::<Order>(&events[..1], told("a", came("file")), Ok(vec![supplied("a")]));
    check::<Order>(&events, told("b", came("file")), Ok(vec![supplied("b"), filled(2, 0, 1)]));
    check::<Order>(&events, told("b", lost()), Ok(vec![missing("b"), filled(1, 1, 1)]));
}

#[test]
fn a_supply_that_is_known_changes_nothing() {
    let events = [placed(), supplied("a"), missing("b"), filled(1, 1, 1)];
    check::<Order>(&events, told("a", came("file")), Ok(vec![]));
    check::<Order>(&events, told("b", lost()), Ok(vec![]));
    check::<Order>(&events[..1], told("a", Supply::Reopened {}), Ok(vec![]));
}

#[test]
fn a_picture_made_again_reopens_it_and_it_is_filled_again() {
    let mut events = vec![placed(), supplied("a"), missing("b"), filled(1, 1, 1)];
    check::<Order>(&events, told("b", Supply::Reopened {}), Ok(vec![reopened("b")]));
    events.push(reopened("b"));
    assert_eq!(folded::<Order>(&events).status, Status::Waiting);
    check::<Order>(&events, told("b", came("file")), Ok(vec![supplied("b"), filled(2, 0, 2)]));
}

#[test]
fn a_gap_that_is_filled_at_once_fills_it_once_more() {
    let events = [placed(), supplied("a"), missing("b"), filled(1, 1, 1)];
    check::<Order>(&events, told("b", came("file")), Ok(vec![supplied("b"), filled(2, 0, 2)]));
}

#[test]
fn supplies_nobody_asked_for_are_refused() {
    check::<Order>(&[], told("a", lost()), Err(OrderRejection::Unknown));
    check::<Order>(&[placed()], told("c", lost()), Err(OrderRejection::UnknownAsset(stream("image-c"))));
    check::<Order>(&[placed(), cancelled()], told("a", lost()), Err(OrderRejection::Cancelled));
}

#[test]
fn a_cancelled_order_releases_its_pictures_and_can_be_placed_again() {
    check::<Order>(&[], cancel(), Err(OrderRejection::Unknown));
    check::<Order>(&[placed(), supplied("a")], cancel(), Ok(vec![cancelled()]));
    check::<Order>(&[placed(), cancelled()], cancel(), Ok(vec![]));
    let events = [placed(), supplied("a"), cancelled()];
    check::<Order>(&events, place(&["a", "b"]), Ok(vec![placed()]));
    let again = [placed(), supplied("a"), cancelled(), placed()];
    check::<Order>(&again, told("b", came("file")), Ok(vec![supplied("b")]));
}

#[test]
fn it_hears_of_its_own_pictures_alone() {
    let (order, scene, picture) = (stream("order-x"), stream("scene-x"), stream("image-a"));
    let heard = |event: &ImageEvent| Order::react(&recorded(&picture, event)).unwrap();
    let supplied = |requester| ImageEvent::ImageSupplied { requester, blob: blob("file") };
    assert_eq!(heard(&supplied(order.clone())), [(order.clone(), told("a", came("file")))]);
    assert_eq!(heard(&supplied(scene.clone())), []);
    let requesters = vec![scene, order.clone()];
    let reason = "every seed was rejected".to_owned();
    let gone = ImageEvent::ImageMissing { requesters: requesters.clone(), reason };
    assert_eq!(heard(&gone), [(order.clone(), told("a", lost()))]);
    let again = ImageEvent::RenderReopened { quality_try: 2, note: "again".into(), requesters };
    assert_eq!(heard(&again), [(order, told("a", Supply::Reopened {}))]);
    assert_eq!(heard(&ImageEvent::ImageCancelled { blob: None }), []);
}
