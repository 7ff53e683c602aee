//! The stand-ins of the tests pass the contracts of the ports they stand in for.

#[path = "table/desk.rs"]
mod desk;

mod dictated_author {
    use super::desk::Dictated;

    /// A speaker called `?` is whoever is offered first.
    fn author() -> Dictated {
        Dictated(vec![("?".into(), "The lamp is lit.".into()), ("?".into(), "And it stays so.".into())])
    }

    hydra_actors::author_contract!(Some(author()));
}
