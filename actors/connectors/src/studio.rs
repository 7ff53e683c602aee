//! The built-in studio: engines that need no model, no GPU and no network.
//!
//! [`picture`] draws backgrounds and busts as storybook illustrations, [`quality`] measures any picture on its
//! pixels alone. Both are honest: results carry the name [`picture::ENGINE`] or the metric's own name, and nothing
//! here claims to be a model. Both are pure: equal input gives equal bytes and equal numbers on every machine.

pub mod picture;
pub mod quality;
