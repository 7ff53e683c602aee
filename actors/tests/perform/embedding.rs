//! What is embedded: which words, by which model, and when nobody is asked.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hydra_actors::archivist::embedding::{Embed, Embedding};
use hydra_actors::cast::Profile;
use hydra_actors::perform::{Job, Perform};
use hydra_actors::ports::contract::bust;
use hydra_actors::ports::{Embedder, Model, PortError, Ports, TEXT_BYTES_MAX};
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::embedding::{Embedded, EmbeddingCommand};
use hydra_events::vocabulary::terms::{Brief, Shows, Speech};
use hydra_events::{ContentHash, Vector};
use serde::Serialize;
use tempfile::TempDir;

use crate::table::desk::{Dictated, desk};
use crate::table::stream::name;

/// A model that says what it is told to, and remembers what it was asked.
#[derive(Default)]
pub struct Told {
    pub asked: Mutex<Vec<String>>,
    pub vectors: Vec<Vector>,
}

#[async_trait]
impl Embedder for Told {
    fn model(&self) -> Model {
        Model { name: "told".into(), dimension: 2 }
    }

    async fn embed(&self, texts: &[String], _: &str) -> Result<Vec<Vector>, PortError> {
        self.asked.lock().unwrap().extend(texts.iter().cloned());
        Ok(self.vectors.clone())
    }
}

struct Desk {
    ports: Ports,
    model: Arc<Told>,
    _folder: TempDir,
}

impl Desk {
    fn with(vectors: &[&[f32]]) -> Self {
        let vectors = vectors.iter().map(|numbers| Vector(numbers.to_vec())).collect();
        let model = Arc::new(Told { vectors, ..Told::default() });
        let (ports, folder) = desk(Dictated::default());
        let ports = Ports { embedder: Arc::clone(&model) as Arc<dyn Embedder>, ..ports };
        Self { ports, model, _folder: folder }
    }

    async fn embed(
        &self,
        source: &str,
        document: &(impl Serialize + Sync),
        known: Option<(ContentHash, String)>,
    ) -> Result<EmbeddingCommand, PortError> {
        let document = self.ports.keep(document).await.unwrap();
        let effect = Embed { source: name(source), document, known };
        let job = Job { stream: Embedding::stream_of(&name(source)).unwrap(), effect: "embed-1".into() };
        Embedding::perform(self.ports.clone(), effect, job).await
    }

    /// What the model was asked about the document.
    async fn words(&self, source: &str, document: &(impl Serialize + Sync)) -> (String, Embedded) {
        let EmbeddingCommand::AcceptEmbedding { embedded } =
            self.embed(source, document, None).await.unwrap()
        else {
            panic!("{source} was not embedded")
        };
        let words = self.model.asked.lock().unwrap().pop().unwrap();
        assert_eq!(self.ports.content.get(embedded.text).await.unwrap(), words.as_bytes());
        (words, embedded)
    }
}

fn speech(text: &str) -> Speech {
    Speech {
        character: "keeper".into(),
        text: text.into(),
        emotion: "sad".into(),
        voice_id: None,
        speed: 1.0,
        pitch_shift: 0.0,
    }
}

#[tokio::test]
async fn a_line_is_its_words_with_who_says_them_and_how() {
    let desk = Desk::with(&[&[0.0, 1.0]]);
    let (words, embedded) = desk.words("line-night_1_1", &speech("The lamp is out.")).await;
    assert_eq!(words, "keeper, sad: The lamp is out.");
    let Embedded { emotion, model, dimension, vector, .. } = embedded;
    assert_eq!(
        (emotion.as_str(), model.as_str(), dimension, vector),
        ("sad", "told", 2, Vector(vec![0.0, 1.0]))
    );
}

#[tokio::test]
async fn a_picture_is_what_it_shows_whichever_candidate_it_is() {
    let desk = Desk::with(&[&[0.0, 1.0]]);
    let brief = bust("keeper", "happy");
    let (words, embedded) = desk.words("image-keeper", &brief).await;
    let told = "keeper, everyday, happy, visual novel sprite of keeper, happy, grey beard, a blue coat, calm";
    assert_eq!((words.as_str(), embedded.emotion.as_str()), (told, "happy"));
    let second = Brief { shows: Shows { candidate: 2, ..brief.shows.clone() }, ..brief };
    assert_eq!(desk.words("image-keeper", &second).await.0, told);
}

#[tokio::test]
async fn a_character_is_its_looks_and_its_manner() {
    let desk = Desk::with(&[&[0.0, 1.0]]);
    let mut profile = Profile { name: "Old Keeper".into(), ..Profile::default() };
    profile.looks.traits = vec!["grey beard".into(), "stooped".into()];
    profile.looks.clothing = "a blue coat".into();
    profile.style.mood = "guarded".into();
    profile.outfits.insert("storm".into(), "oilskins".into());
    let (words, embedded) = desk.words("character-keeper", &profile).await;
    assert_eq!(words, "Old Keeper, grey beard, stooped, a blue coat, guarded, storm: oilskins");
    assert_eq!(embedded.emotion, "");
}

#[tokio::test]
async fn the_same_words_for_the_same_model_are_not_embedded_again() {
    let desk = Desk::with(&[&[0.0, 1.0]]);
    let (_, embedded) = desk.words("line-night_1_1", &speech("The lamp is out.")).await;
    let faster = Speech { speed: 1.5, ..speech("The lamp is out.") };
    let known = Some((embedded.text, embedded.model.clone()));
    let kept = desk.embed("line-night_1_1", &faster, known).await.unwrap();
    assert_eq!(kept, EmbeddingCommand::KeepEmbedding {});
    assert!(desk.model.asked.lock().unwrap().is_empty());
    let known = Some((embedded.text, "another".to_owned()));
    let again = desk.embed("line-night_1_1", &faster, known).await.unwrap();
    assert_eq!(again, EmbeddingCommand::AcceptEmbedding { embedded });
}

#[tokio::test]
async fn a_text_that_is_too_long_is_cut_between_two_letters() {
    let desk = Desk::with(&[&[0.0, 1.0]]);
    let (words, _) = desk.words("line-night_1_1", &speech(&"灯".repeat(TEXT_BYTES_MAX))).await;
    assert!((TEXT_BYTES_MAX - 3..=TEXT_BYTES_MAX).contains(&words.len()) && words.ends_with('灯'));
}

#[tokio::test]
async fn a_model_that_gives_no_vector_for_a_text_is_told_so() {
    for (vectors, told) in [
        (&[][..], "one vector"),
        (&[&[0.0, 1.0][..], &[1.0, 0.0]][..], "one vector"),
        (&[&[1.0][..]][..], "1 numbers"),
        (&[&[0.0, 0.0][..]][..], "not all zero"),
    ] {
        let error = Desk::with(vectors).embed("line-night_1_1", &speech("No."), None).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Permanent);
        assert!(error.message.contains(told), "{told}: {error}");
    }
}
