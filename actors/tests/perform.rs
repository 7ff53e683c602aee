//! What the performers make of a work order.

#[path = "perform/chapter.rs"]
mod chapter;
#[path = "perform/embedding.rs"]
mod embedding;
#[path = "perform/knowledge.rs"]
mod knowledge;
#[path = "perform/plan.rs"]
mod plan;
#[path = "perform/recall.rs"]
mod recall;
#[path = "perform/scene.rs"]
mod scene;
#[path = "table/table.rs"]
mod table;
