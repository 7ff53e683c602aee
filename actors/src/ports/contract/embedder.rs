//! What an embedder promises: vectors that can be compared, and a nearness that means something.

use hydra_events::Vector;

use super::{Outcome, break_off, refused};
use crate::ports::{DIMENSION_MAX, Embedder, PortError, TEXT_BYTES_MAX, TEXTS_MAX};

const KEY: &str = "embedding-contract/embed-1";
const KEEPER: &str = "lighthouse keeper in a blue coat";
const OTHERS: [&str; 4] = [
    "a market at noon, crowded stalls under striped awnings",
    "Nell, amused: And who asked the gulls?",
    "the ferry leaves at dawn with nobody on deck",
    "kitchen, a pot of soup on the stove",
];

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Cosine, from -1 to 1.
fn likeness(one: &Vector, other: &Vector) -> f64 {
    let product = |a: &Vector, b: &Vector| -> f64 {
        a.0.iter().zip(&b.0).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    product(one, other) / (product(one, one) * product(other, other)).sqrt()
}

/// Bit by bit, alone or among others.
pub async fn the_same_text_has_the_same_vector<E: Embedder>(embedder: &E) -> Outcome {
    let alone = embedder.embed(&texts(&[KEEPER]), KEY).await?;
    let among = embedder.embed(&texts(&[OTHERS[0], KEEPER, OTHERS[1]]), KEY).await?;
    assert_eq!(alone[0].to_bytes(), among[1].to_bytes());
    Ok(())
}

/// One a text, in their order, each as long as the model says.
pub async fn every_text_has_a_vector_of_the_models_dimension<E: Embedder>(embedder: &E) -> Outcome {
    let model = embedder.model();
    assert!(!model.name.trim().is_empty() && (1..=DIMENSION_MAX).contains(&model.dimension), "{model:?}");
    assert_eq!(model, embedder.model());
    let vectors = embedder.embed(&texts(&OTHERS), KEY).await?;
    assert_eq!(vectors.len(), OTHERS.len());
    assert!(vectors.iter().all(|vector| vector.dimension() == model.dimension && vector.has_direction()));
    assert!(embedder.embed(&[], KEY).await?.is_empty());
    Ok(())
}

/// The order of its words matters less than the words.
pub async fn the_same_said_otherwise_is_nearer_than_something_else<E: Embedder>(embedder: &E) -> Outcome {
    let mut said = vec![KEEPER, "the keeper of the lighthouse, coat blue"];
    said.extend(OTHERS);
    let vectors = embedder.embed(&texts(&said), KEY).await?;
    let near = likeness(&vectors[0], &vectors[1]);
    for (vector, text) in vectors.iter().zip(&said).skip(2) {
        let far = likeness(&vectors[0], vector);
        assert!(near > far + 0.1, "{text:?} is as near ({far}) as the same said otherwise ({near})");
    }
    Ok(())
}

/// Scripts without spaces, one letter, the longest there may be.
pub async fn texts_in_any_script_and_length_are_embedded<E: Embedder>(embedder: &E) -> Outcome {
    let long = "灯".repeat(TEXT_BYTES_MAX / 3);
    for text in ["灯台守は青い外套を着ている", "a", "7", "Käthe\u{301} …!", &long] {
        let vectors = embedder.embed(&texts(&[text]), KEY).await?;
        assert!(vectors[0].has_direction(), "{text:?}");
    }
    Ok(())
}

/// Nothing said, too much said, too many at once.
pub async fn texts_that_cannot_be_embedded_are_refused_by_what_is_wrong<E: Embedder>(
    embedder: &E,
) -> Outcome {
    for (wrong, told) in [
        (texts(&[KEEPER, " …! "]), "…!".to_owned()),
        (texts(&[""]), "\"\"".to_owned()),
        (vec!["a".repeat(TEXT_BYTES_MAX + 1)], (TEXT_BYTES_MAX + 1).to_string()),
        (vec![KEEPER.to_owned(); TEXTS_MAX + 1], (TEXTS_MAX + 1).to_string()),
    ] {
        refused(embedder.embed(&wrong, KEY).await, &told);
    }
    Ok(())
}

/// Nothing half done is left for the next call.
pub async fn a_call_that_is_broken_off_leaves_the_next_one_whole<E: Embedder>(embedder: &E) -> Outcome {
    let whole: Result<Vec<Vector>, PortError> = embedder.embed(&texts(&[KEEPER]), KEY).await;
    let (others, keeper) = (texts(&OTHERS), texts(&[KEEPER]));
    break_off(embedder.embed(&others, KEY));
    break_off(embedder.embed(&keeper, KEY));
    assert_eq!(embedder.embed(&keeper, KEY).await?, whole?);
    Ok(())
}
