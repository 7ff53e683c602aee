//! The checkpoint node of a view: which of its forms are there, and how far each has come.
//!
//! The rows of a form carry the name of its build, and only this node says which build is the live one. So a form is put
//! in the place of another by one change of one node, however many rows it has; whoever writes to a view holds this node.

use hydra_events::Id;
use hydra_events::record::Position;
use neo4rs::{BoltMap, BoltType};
use serde_json::Value;

use crate::store::{Checkpoint, Generation};

/// A form of a view: the name its rows carry, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) build: String,
    pub(super) checkpoint: Checkpoint,
}

/// The forms of a view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Forms {
    pub(super) live: Option<Form>,
    pub(super) next: Option<Form>,
    pub(super) old: Option<Form>,
}

impl Forms {
    /// The forms that a node with these properties tells of. One that does not make sense is not there.
    pub(super) fn read(cells: &Value) -> Self {
        let mut forms = Self::default();
        for generation in Generation::ALL {
            *forms.slot(generation) = form(cells, word(generation));
        }
        forms
    }

    pub(super) fn of(&self, generation: Generation) -> Option<&Form> {
        match generation {
            Generation::Live => self.live.as_ref(),
            Generation::Next => self.next.as_ref(),
            Generation::Old => self.old.as_ref(),
        }
    }

    pub(super) fn slot(&mut self, generation: Generation) -> &mut Option<Form> {
        match generation {
            Generation::Live => &mut self.live,
            Generation::Next => &mut self.next,
            Generation::Old => &mut self.old,
        }
    }

    /// The builds whose rows are still wanted.
    pub(super) fn builds(&self) -> Vec<String> {
        [&self.live, &self.next, &self.old].into_iter().flatten().map(|form| form.build.clone()).collect()
    }

    /// The properties of the node, besides those by which it is found.
    pub(super) fn put_into(&self, cells: &mut BoltMap) {
        for generation in Generation::ALL {
            let Some(Form { build, checkpoint }) = self.of(generation) else { continue };
            let word = word(generation);
            let mut put =
                |name: &str, value: BoltType| cells.put(format!("{word}_{name}").as_str().into(), value);
            put("build", build.as_str().into());
            put("log", checkpoint.log.to_string().into());
            put("version", i64::from(checkpoint.version).into());
            put("position", (checkpoint.position as i64).into());
            put("rate", i64::from(checkpoint.rate).into());
        }
    }
}

/// What a generation is called in the names of properties.
pub(super) fn word(generation: Generation) -> &'static str {
    match generation {
        Generation::Live => "live",
        Generation::Next => "next",
        Generation::Old => "old",
    }
}

fn form(cells: &Value, word: &str) -> Option<Form> {
    let cell = |name: &str| cells.get(format!("{word}_{name}"));
    let whole = |name: &str| cell(name).and_then(Value::as_i64);
    let log: Id = cell("log")?.as_str()?.parse().ok()?;
    let checkpoint = Checkpoint {
        log,
        version: u32::try_from(whole("version")?).ok()?,
        position: Position::try_from(whole("position")?).ok()?,
        rate: u32::try_from(whole("rate")?).ok()?,
    };
    Some(Form { build: cell("build")?.as_str()?.to_owned(), checkpoint })
}
