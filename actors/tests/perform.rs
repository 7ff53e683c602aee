//! What the performers make of a work order.

mod table {
    pub mod desk;
    pub mod studio;
}

mod perform {
    mod chapter;
    mod plan;
    mod scene;
}
