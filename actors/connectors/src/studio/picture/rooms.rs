//! What belongs into which room: colours, kind of window, pieces along the wall and on the floor.

use super::colour::{Colour, rgb};
use super::place::Room;

/// Kinds of window in the back wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// A window with cross bars and curtains.
    Curtained,
    /// Tall panes side by side.
    Tall,
    /// Pointed or round arches.
    Arched,
    /// A ship's round lights.
    Round,
    /// Glass from wall to wall.
    Wide,
    /// A barred slit.
    Slit,
}

/// Kinds of furniture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Piece {
    Shelf,
    Fireplace,
    Picture,
    Clock,
    Cupboard,
    Stove,
    Plant,
    Bed,
    WhiteBed,
    Table,
    Desk,
    Sofa,
    Armchair,
    Barrel,
    Counter,
    Blackboard,
    Pews,
    Altar,
    Column,
    Lens,
    Bench,
    Workbench,
    Chest,
}

/// A furnished room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Furnishing {
    /// Colour of the walls.
    pub wall: Colour,
    /// Colour of the floor boards or tiles.
    pub floor: Colour,
    /// Colour of panels, doors and beams.
    pub wood: Colour,
    /// Window.
    pub opening: Opening,
    /// Along the back wall, left and right of the window.
    pub wall_pieces: [Piece; 3],
    /// In front, on the floor.
    pub floor_pieces: [Piece; 2],
}

/// How a kind of room is furnished; `tint` (0..1) picks among its wall colours.
pub(super) fn furnishing(room: Room, tint: f32) -> Furnishing {
    let ([first, second, floor, wood], opening) = shell(room);
    let (wall_pieces, floor_pieces) = pieces(room);
    let wall = rgb(first).mix(rgb(second), tint.round());
    Furnishing { wall, floor: rgb(floor), wood: rgb(wood), opening, wall_pieces, floor_pieces }
}

/// Two wall colours, floor, wood, and the window.
fn shell(room: Room) -> ([u32; 4], Opening) {
    use Opening::{Arched, Curtained, Round, Slit, Tall, Wide};
    match room {
        Room::Living => ([0xc9b58a, 0x8fa79a, 0xa06c42, 0x6f4a34], Curtained),
        Room::Kitchen => ([0xe3cf9c, 0xb9cdb8, 0xb4774a, 0x7d5638], Curtained),
        Room::Bedroom => ([0xa9b5cc, 0xcfae9f, 0x96694a, 0x70503c], Curtained),
        Room::Office => ([0xb6a98a, 0x93a0a4, 0x7c5a42, 0x5b4034], Tall),
        Room::Library => ([0x9f7a58, 0x7a8a6c, 0x84573a, 0x5d3c2a], Arched),
        Room::Hospital => ([0xc5dcd8, 0xd6dccb, 0xa9bdb9, 0x8fa7a6], Tall),
        Room::Cabin => ([0xa6764a, 0x8f6a4e, 0x7a5234, 0x583a28], Round),
        Room::Chapel => ([0xcdbfa6, 0xb0b0b8, 0x9a8676, 0x6b4a38], Arched),
        Room::Tavern => ([0xb98d58, 0x9a7050, 0x805636, 0x573826], Curtained),
        Room::School => ([0xd8cfa6, 0xb8cbbf, 0xa5794f, 0x76543c], Tall),
        Room::Cellar => ([0x8b8490, 0x7d7a70, 0x6d6468, 0x5a4030], Slit),
        Room::Shop => ([0xd3b988, 0x9fb7b0, 0x9d7048, 0x6a4832], Wide),
        Room::Waiting => ([0xcdb99a, 0xa3b4b0, 0x9a8a80, 0x5e4a40], Arched),
        Room::Lantern => ([0xd9d3c4, 0xc0cdd2, 0x8d7660, 0x6b4f3c], Wide),
        Room::Workshop => ([0xb79a72, 0x94978e, 0x86684e, 0x5d4532], Tall),
        Room::Hall => ([0xb58f78, 0x8d8fa8, 0x94705a, 0x5d4038], Arched),
    }
}

/// Along the wall and on the floor.
fn pieces(room: Room) -> ([Piece; 3], [Piece; 2]) {
    use Piece::*;
    match room {
        Room::Living => ([Fireplace, Picture, Shelf], [Armchair, Plant]),
        Room::Kitchen => ([Stove, Clock, Cupboard], [Table, Plant]),
        Room::Bedroom => ([Cupboard, Picture, Shelf], [Bed, Chest]),
        Room::Office => ([Shelf, Clock, Cupboard], [Desk, Plant]),
        Room::Library => ([Shelf, Shelf, Shelf], [Armchair, Table]),
        Room::Hospital => ([Cupboard, Clock, Shelf], [WhiteBed, Plant]),
        Room::Cabin => ([Shelf, Clock, Chest], [Table, Barrel]),
        Room::Chapel => ([Column, Altar, Column], [Pews, Pews]),
        Room::Tavern => ([Fireplace, Picture, Counter], [Table, Barrel]),
        Room::School => ([Shelf, Blackboard, Cupboard], [Desk, Bench]),
        Room::Cellar => ([Barrel, Column, Cupboard], [Chest, Barrel]),
        Room::Shop => ([Shelf, Cupboard, Shelf], [Counter, Plant]),
        Room::Waiting => ([Column, Clock, Column], [Bench, Chest]),
        Room::Lantern => ([Column, Cupboard, Column], [Lens, Chest]),
        Room::Workshop => ([Workbench, Clock, Shelf], [Table, Barrel]),
        Room::Hall => ([Column, Picture, Column], [Sofa, Plant]),
    }
}
