//! Reading Fountain: elements, emphasis, the title page, and what no text can break.

#[path = "fountain/differential.rs"]
mod differential;
#[path = "fountain/emphasis.rs"]
mod emphasis;
#[path = "fountain/frame.rs"]
mod frame;
#[path = "fountain/pieces.rs"]
mod pieces;
#[path = "fountain/properties.rs"]
mod properties;
#[path = "fountain/syntax.rs"]
mod syntax;
