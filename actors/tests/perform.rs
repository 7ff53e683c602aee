//! What the performers make of a work order.

#[path = "perform/chapter.rs"]
mod chapter;
#[path = "perform/plan.rs"]
mod plan;
#[path = "perform/scene.rs"]
mod scene;
#[path = "table/table.rs"]
mod table;
