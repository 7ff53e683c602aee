//! Reading a place: its words become ground, backdrop and landmarks, or a kind of room.
//!
//! A place without any known word gets a composition drawn from the hash of its text, always the same.

use super::cues::CUES;
use super::cues::Cue::{self, B, G, In, L, R};
use super::dice::Dice;
use super::words::{matches, words};

/// What a background shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum View {
    /// Open air.
    Outside(Outside),
    /// Within walls.
    Inside(Room),
}

/// A place as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    /// What it shows.
    pub view: View,
}

/// The parts of a landscape or town.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outside {
    /// What one stands on.
    pub ground: Ground,
    /// What lies behind.
    pub backdrop: Backdrop,
    /// What one looks at, most important first, at most [`LANDMARKS_MAX`].
    pub landmarks: Vec<Landmark>,
}

/// Most landmarks in one picture.
pub(super) const LANDMARKS_MAX: usize = 3;

/// What the near ground is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// Sea, lake or river.
    Water,
    /// Meadow.
    Grass,
    /// Beach or desert.
    Sand,
    /// Paving.
    Street,
    /// Stones of a quay with water behind.
    Quay,
    /// Snow.
    Snow,
}

/// What closes the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backdrop {
    /// Peaks.
    Mountains,
    /// Soft hills.
    Hills,
    /// Roofs and towers.
    Skyline,
    /// Trees in rows.
    Forest,
    /// Nothing but the horizon.
    Open,
    /// Dunes.
    Dunes,
}

/// One thing worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Landmark {
    Lighthouse,
    House,
    Church,
    Castle,
    Ship,
    Boats,
    Bridge,
    Train,
    Market,
    Mill,
    Cave,
    Pines,
    Trees,
    Garden,
    Graves,
    Fountain,
    Houses,
    Factory,
    Palms,
}

/// Kinds of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Room {
    Living,
    Kitchen,
    Bedroom,
    Office,
    Library,
    Hospital,
    Cabin,
    Chapel,
    Tavern,
    School,
    Cellar,
    Shop,
    Waiting,
    Lantern,
    Workshop,
    Hall,
}

/// Reads the words of a place; `interior` is `interior`, `exterior`, `both` or empty.
pub(super) fn read(place: &str, interior: &str) -> Setting {
    let cues = cues(place);
    let inside_by_itself = cues.iter().find_map(|cue| match cue {
        In(room) => Some(*room),
        G(_) | B(_) | L(_) | R(_) => None,
    });
    let room = inside_by_itself.or_else(|| {
        cues.iter().find_map(|cue| match cue {
            R(room) => Some(*room),
            G(_) | B(_) | L(_) | In(_) => None,
        })
    });
    let wish = interior.trim().to_lowercase();
    let inside = match wish.as_str() {
        "interior" => true,
        "exterior" => false,
        _ => inside_by_itself.is_some(),
    };
    let view =
        if inside { View::Inside(room.unwrap_or_else(|| any_room(place))) } else { outside(place, &cues) };
    Setting { view }
}

fn cues(place: &str) -> Vec<Cue> {
    let mut found = Vec::new();
    for word in words(place) {
        for (stems, cues) in CUES {
            if stems.iter().any(|stem| matches(&word, stem)) {
                found.extend_from_slice(cues);
            }
        }
    }
    found
}

fn outside(place: &str, cues: &[Cue]) -> View {
    let mut any = Dice::of(&["unknown place", &place.trim().to_lowercase()], 0);
    let mut ground = None;
    let mut backdrop = None;
    let mut landmarks = Vec::new();
    for cue in cues {
        match cue {
            G(value) => ground = ground.or(Some(*value)),
            B(value) => backdrop = backdrop.or(Some(*value)),
            L(value) if !landmarks.contains(value) && landmarks.len() < LANDMARKS_MAX => {
                landmarks.push(*value)
            }
            L(_) | R(_) | In(_) => {}
        }
    }
    let ground =
        ground.unwrap_or_else(|| any.pick(Ground::Grass, &[Ground::Grass, Ground::Street, Ground::Water]));
    let backdrop = backdrop.unwrap_or_else(|| match ground {
        Ground::Street => Backdrop::Skyline,
        Ground::Water | Ground::Quay => any.pick(Backdrop::Open, &[Backdrop::Hills, Backdrop::Mountains]),
        Ground::Grass | Ground::Sand | Ground::Snow => any.pick(Backdrop::Hills, &[Backdrop::Mountains]),
    });
    if landmarks.is_empty() {
        landmarks.push(match ground {
            Ground::Water | Ground::Quay => Landmark::Boats,
            Ground::Street => Landmark::Houses,
            Ground::Sand => Landmark::Palms,
            Ground::Snow => Landmark::Pines,
            Ground::Grass => any.pick(Landmark::Trees, &[Landmark::House, Landmark::Pines, Landmark::Mill]),
        });
    }
    View::Outside(Outside { ground, backdrop, landmarks })
}

fn any_room(place: &str) -> Room {
    let mut any = Dice::of(&["unknown room", &place.trim().to_lowercase()], 0);
    any.pick(Room::Living, &[Room::Hall, Room::Tavern, Room::Office, Room::Workshop])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(place: &str, interior: &str) -> Option<Room> {
        match read(place, interior).view {
            View::Inside(room) => Some(room),
            View::Outside(_) => None,
        }
    }

    #[test]
    fn a_kitchen_is_a_room_by_itself() {
        assert_eq!(room("Old Kitchen", ""), Some(Room::Kitchen));
    }

    #[test]
    fn a_lighthouse_is_outside_unless_the_brief_says_interior() {
        assert_eq!(room("Lighthouse", "both"), None);
        assert_eq!(room("Lighthouse", "interior"), Some(Room::Lantern));
    }

    #[test]
    fn an_unknown_place_reads_the_same_each_time() {
        assert_eq!(read("Xyzzyx", ""), read("Xyzzyx", ""));
    }

    #[test]
    fn the_first_landmark_named_leads() {
        let View::Outside(outside) = read("Lighthouse above the harbour", "exterior").view else {
            panic!("an exterior is outside")
        };
        assert_eq!(outside.landmarks.first(), Some(&Landmark::Lighthouse));
        assert!(outside.landmarks.len() <= LANDMARKS_MAX);
    }
}
