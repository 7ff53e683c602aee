//! The scripts that run in the server. Each is all or nothing for whoever reads, and knows which generation is meant.

use std::sync::LazyLock;

use redis::Script;

/// A script with what they all begin with.
macro_rules! script {
    ($name:ident, $file:literal, $what:literal) => {
        #[doc = $what]
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!(include_str!("place.lua"), include_str!($file))));
    };
}

script!(CHECKPOINT, "checkpoint.lua", "How far a generation is.");
script!(RANGE, "range.lua", "Rows that last.");
script!(FLEETING, "fleeting.lua", "Rows that do not last.");
script!(QUARANTINED, "quarantined.lua", "What a generation goes on without.");
script!(TOUCHED, "touched.lua", "The rows a batch touches.");
script!(WRITE, "write.lua", "Writes a batch.");
script!(TEAR, "tear.lua", "Says that a generation is not all there.");
script!(RESET, "reset.lua", "Makes a generation anew.");
script!(PLACE_LIVE, "place_live.lua", "Puts a generation in the place of the live one.");
