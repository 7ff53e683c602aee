//! Asking what is like something: the long-term memory, by nearness of vectors.

use hydra_events::{StreamName, Vector};
use serde::Serialize;
use serde_json::Value;

use super::{Views, is};
use crate::likeness::{Nearest, nearest};
use crate::long_term::{CHARACTERS, DIALOGUE, IMAGES, KNOWLEDGE, VIEW};
use crate::rows::RememberedRow;
use crate::store::{Checkpoint, Generation, StoreError};
use crate::view::Table;

/// Among what is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Among {
    /// Characters, as they are defined.
    Characters,
    /// Pictures that are approved.
    Images,
    /// Lines of dialogue.
    Dialogue,
    /// Passages of documents.
    Knowledge,
}

/// Only what is so; whatever is not said may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// The chapter.
    pub chapter: Option<String>,
    /// The stream of the scene of a line; empty for a picture, which scenes share.
    pub scene: Option<String>,
    /// The character.
    pub character: Option<String>,
    /// What a character wears, or the time of day of a place.
    pub outfit: Option<String>,
    /// The emotion.
    pub emotion: Option<String>,
    /// Whose data it is.
    pub owner: Option<String>,
    /// Who may see it, in the log's word for it.
    pub visibility: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// Among what is looked.
    pub among: Among,
    /// The vector of what it should be like.
    pub vector: Vector,
    /// The model of the vector: others are not compared.
    pub model: String,
    /// Only what is so.
    pub only: Only,
    /// How many at most, nearest first.
    pub limit: usize,
}

/// Something that is similar.
#[derive(Clone, Debug, Serialize)]
pub struct SimilarFound {
    /// Cosine of the angle between the two: 1 for the same, 0 for nothing in common, down to -1.
    pub score: f64,
    /// What it is.
    #[serde(flatten)]
    pub row: RememberedRow,
}

impl Views {
    /// What is most like something, with how far the memory had come.
    pub async fn similar(&self, asked: Similar) -> Result<(Checkpoint, Vec<SimilarFound>), StoreError> {
        let Similar { among, vector, model, only, limit } = asked;
        let table = among.table();
        let filters = among.always().into_iter().chain(only.filters()).collect();
        let store = self.store(&VIEW)?;
        let asked = Nearest { vector, model, filters, limit };
        let found = nearest(store, &VIEW, Generation::Live, table, asked).await?;
        self.refuse_foreign(&VIEW, &found.at)?;
        let mut similar = Vec::with_capacity(found.near.len());
        for near in found.near {
            // What was withdrawn since it was found is no longer there.
            if let Some(row) = self.one::<RememberedRow>(table.name, &near.id).await? {
                similar.push(SimilarFound { score: near.score, row });
            }
        }
        Ok((found.at, similar))
    }

    /// How many passages of a document are not placed yet.
    pub async fn unplaced(&self, document: &str) -> Result<usize, StoreError> {
        let rows: Vec<RememberedRow> = self.rows(KNOWLEDGE.name, is("document", document)).await?;
        Ok(rows.iter().filter(|row| row.vector.is_none()).count())
    }

    /// What is remembered of a character, a picture, a line or a passage; `None` where nothing is.
    pub async fn remembered(&self, source: &StreamName) -> Result<Option<RememberedRow>, StoreError> {
        match Among::of(source) {
            Some(among) => self.one(among.table().name, source.as_str()).await,
            None => Ok(None),
        }
    }
}

impl Among {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Characters, Self::Images, Self::Dialogue, Self::Knowledge];

    /// Where what `source` says is remembered.
    pub fn of(source: &StreamName) -> Option<Self> {
        match source.category() {
            "character" => Some(Self::Characters),
            "image" => Some(Self::Images),
            "line" => Some(Self::Dialogue),
            "passage" => Some(Self::Knowledge),
            _ => None,
        }
    }

    fn table(self) -> &'static Table {
        match self {
            Self::Characters => &CHARACTERS,
            Self::Images => &IMAGES,
            Self::Dialogue => &DIALOGUE,
            Self::Knowledge => &KNOWLEDGE,
        }
    }

    /// What holds whatever is asked.
    fn always(self) -> Option<(&'static str, Value)> {
        match self {
            Self::Images => Some(("approved", 1.into())),
            Self::Characters | Self::Dialogue | Self::Knowledge => None,
        }
    }
}

impl Only {
    fn filters(self) -> impl Iterator<Item = (&'static str, Value)> {
        let Self { chapter, scene, character, outfit, emotion, owner, visibility } = self;
        let said = [
            ("chapter", chapter),
            ("scene", scene),
            ("character", character),
            ("outfit", outfit),
            ("emotion", emotion),
            ("owner", owner),
            ("visibility", visibility),
        ];
        said.into_iter().filter_map(|(column, value)| Some((column, Value::String(value?))))
    }
}
