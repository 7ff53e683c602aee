//! The words of places and what each adds to a picture.

use super::place::{Backdrop, Ground, Landmark, Room};

/// What one word adds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cue {
    /// Open ground.
    G(Ground),
    /// Backdrop.
    B(Backdrop),
    /// Landmark.
    L(Landmark),
    /// Looks like this from inside.
    R(Room),
    /// A room unless the brief says exterior.
    In(Room),
}

use Cue::{B, G, In, L, R};

/// Beginnings of words and what they add, the most telling first.
pub(super) const CUES: &[(&[&str], &[Cue])] = &[
    (
        &["lighthouse", "beacon"],
        &[G(Ground::Water), B(Backdrop::Open), L(Landmark::Lighthouse), R(Room::Lantern)],
    ),
    (
        &["harbour", "harbor", "port", "dock", "quay", "pier", "wharf", "marina", "jetty"],
        &[G(Ground::Quay), L(Landmark::Ship), L(Landmark::Boats), R(Room::Tavern)],
    ),
    (&["sea", "ocean", "coast", "bay", "cliff", "shore", "island"], &[G(Ground::Water), B(Backdrop::Open)]),
    (&["beach", "strand"], &[G(Ground::Sand), B(Backdrop::Open), L(Landmark::Palms)]),
    (
        &["lake", "river", "pond", "canal", "stream"],
        &[G(Ground::Water), B(Backdrop::Hills), L(Landmark::Trees)],
    ),
    (
        &["ship", "boat", "vessel", "deck", "schooner", "ferry", "sailboat"],
        &[G(Ground::Water), B(Backdrop::Open), L(Landmark::Ship), R(Room::Cabin)],
    ),
    (
        &["cabin", "hut", "cottage"],
        &[G(Ground::Grass), L(Landmark::House), L(Landmark::Pines), R(Room::Cabin)],
    ),
    (&["bridge", "viaduct"], &[G(Ground::Water), B(Backdrop::Hills), L(Landmark::Bridge)]),
    (
        &["forest", "wood", "woods", "jungle", "grove", "thicket"],
        &[G(Ground::Grass), B(Backdrop::Forest), L(Landmark::Pines), R(Room::Cabin)],
    ),
    (&["clearing", "glade"], &[G(Ground::Grass), B(Backdrop::Forest), L(Landmark::Trees)]),
    (
        &["mountain", "peak", "alps", "summit", "ridge", "pass"],
        &[G(Ground::Grass), B(Backdrop::Mountains), L(Landmark::Pines)],
    ),
    (&["hill", "valley", "moor", "heath"], &[G(Ground::Grass), B(Backdrop::Hills), L(Landmark::Trees)]),
    (&["field", "meadow", "prairie", "pasture", "countryside"], &[G(Ground::Grass), B(Backdrop::Hills)]),
    (
        &["farm", "barn", "mill", "windmill"],
        &[G(Ground::Grass), L(Landmark::Mill), L(Landmark::House), R(Room::Workshop)],
    ),
    (
        &["snow", "ice", "glacier", "tundra", "winter"],
        &[G(Ground::Snow), B(Backdrop::Mountains), L(Landmark::House), L(Landmark::Pines)],
    ),
    (
        &["desert", "dune", "sahara", "oasis", "wasteland"],
        &[G(Ground::Sand), B(Backdrop::Dunes), L(Landmark::Palms)],
    ),
    (
        &["cave", "cavern", "grotto", "mine"],
        &[G(Ground::Grass), L(Landmark::Cave), B(Backdrop::Mountains), In(Room::Cellar)],
    ),
    (
        &["garden", "orchard", "vineyard", "park"],
        &[G(Ground::Grass), L(Landmark::Garden), L(Landmark::Trees)],
    ),
    (
        &["grave", "graveyard", "cemetery", "churchyard"],
        &[G(Ground::Grass), L(Landmark::Graves), L(Landmark::Church)],
    ),
    (
        &["church", "chapel", "cathedral", "monastery", "abbey", "temple"],
        &[G(Ground::Grass), L(Landmark::Church), R(Room::Chapel)],
    ),
    (
        &["castle", "palace", "fortress", "ruin", "keep"],
        &[G(Ground::Grass), L(Landmark::Castle), R(Room::Hall)],
    ),
    (
        &["market", "bazaar", "fair", "stall"],
        &[G(Ground::Street), L(Landmark::Market), L(Landmark::Houses), R(Room::Shop)],
    ),
    (
        &["square", "plaza", "courtyard", "fountain"],
        &[G(Ground::Street), L(Landmark::Fountain), L(Landmark::Houses)],
    ),
    (
        &["station", "railway", "platform", "train", "depot"],
        &[G(Ground::Street), L(Landmark::Train), R(Room::Waiting)],
    ),
    (
        &["factory", "industrial", "power", "plant", "warehouse"],
        &[G(Ground::Street), L(Landmark::Factory), R(Room::Workshop)],
    ),
    (
        &["city", "street", "town", "alley", "avenue", "downtown", "rooftop"],
        &[G(Ground::Street), B(Backdrop::Skyline), L(Landmark::Houses), R(Room::Living)],
    ),
    (&["village", "hamlet"], &[G(Ground::Grass), L(Landmark::House), L(Landmark::Church), R(Room::Living)]),
    (&["kitchen", "bakery", "galley"], &[In(Room::Kitchen)]),
    (&["bedroom", "dormitory", "nursery", "attic"], &[In(Room::Bedroom)]),
    (&["office", "study", "bureau", "desk", "headquarters"], &[In(Room::Office), L(Landmark::Houses)]),
    (&["library", "archive", "bookshop", "bookstore"], &[In(Room::Library), L(Landmark::Houses)]),
    (&["hospital", "clinic", "ward", "infirmary", "laboratory"], &[In(Room::Hospital), L(Landmark::Houses)]),
    (&["school", "classroom", "academy", "university"], &[In(Room::School), L(Landmark::Houses)]),
    (
        &["tavern", "inn", "pub", "bar", "cafe", "restaurant", "saloon"],
        &[In(Room::Tavern), L(Landmark::Houses)],
    ),
    (
        &["cellar", "basement", "dungeon", "prison", "cell", "vault", "tunnel"],
        &[In(Room::Cellar), L(Landmark::Castle)],
    ),
    (&["shop", "store"], &[In(Room::Shop), L(Landmark::Houses)]),
    (&["workshop", "garage", "studio", "forge", "smithy", "shed"], &[In(Room::Workshop), L(Landmark::House)]),
    (
        &["hall", "ballroom", "theatre", "theater", "throne", "corridor", "lobby"],
        &[In(Room::Hall), L(Landmark::Castle)],
    ),
    (
        &["room", "parlour", "parlor", "lounge", "apartment", "flat", "salon"],
        &[In(Room::Living), L(Landmark::Houses)],
    ),
    (
        &["house", "home", "manor", "villa"],
        &[G(Ground::Grass), L(Landmark::House), L(Landmark::Trees), R(Room::Living)],
    ),
    (&["tower"], &[L(Landmark::Castle), R(Room::Lantern)]),
];
