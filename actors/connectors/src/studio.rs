//! The built-in studio: engines that need no model, no GPU and no network.
//!
//! [`picture`] draws backgrounds and busts as storybook illustrations, [`quality`] measures any picture on its
//! pixels alone, [`likeness`] places texts by their wording. All are honest: results carry the name
//! [`picture::ENGINE`], [`likeness::MODEL`] or the metric's own name, and nothing here claims to understand anything. All
//! are pure: equal input gives equal bytes and equal numbers on every machine.

pub mod likeness;
pub mod picture;
pub mod quality;
