//! How the Artist has a picture drawn: the content gate first, then the engine, then the evidence.

use futures::future::BoxFuture;
use hydra_events::vocabulary::image::ImageCommand;
use hydra_events::vocabulary::terms::{Brief, ShownKind, Shows};

use super::image::{Image, Render};
use crate::gate;
use crate::perform::{Job, Perform};
use crate::ports::{Look, PortError, Ports};
use crate::writer::recall::LooksRecall;

impl Perform for Image {
    fn perform(
        ports: Ports,
        effect: Render,
        job: Job,
    ) -> BoxFuture<'static, Result<ImageCommand, PortError>> {
        Box::pin(render(ports, effect, job))
    }
}

async fn render(ports: Ports, effect: Render, job: Job) -> Result<ImageCommand, PortError> {
    let Render { brief, seed, looks } = effect;
    let mut brief: Brief = ports.document(brief).await?;
    if let Some(looks) = looks {
        let LooksRecall { found, .. } = ports.document(looks).await?;
        as_before(&mut brief, found);
    }
    if let Err(refusal) = gate::check(&gate_text(&brief)) {
        return Ok(ImageCommand::RefuseBrief { reason: refusal.to_string() });
    }
    let product = ports.painter.paint(&brief, seed, &job.key()).await?;
    let made = ports.keep_product(product).await?;
    Ok(ImageCommand::AcceptRender { made, seed })
}

/// Has the subject look as in the best of the pictures that were recalled.
fn as_before(brief: &mut Brief, looks: Vec<Look>) {
    let Some(look) = looks.into_iter().next() else { return };
    let same = match brief.shows.kind {
        ShownKind::Bust => "the same person as in the reference picture",
        ShownKind::Background => "the same place as in the reference picture",
    };
    brief.prompt = format!("{}, {same}", brief.prompt);
    brief.references.push(look.blob);
}

/// Every word of a brief that could reach an engine.
fn gate_text(brief: &Brief) -> String {
    let Brief { shows, prompt, traits, clothing, palette, lighting, mood, interior, .. } = brief;
    let Shows { subject, outfit, expression, .. } = shows;
    let (traits, palette) = (traits.join("\n"), palette.join("\n"));
    let texts: [&str; 10] =
        [subject, outfit, expression, prompt, &traits, clothing, &palette, lighting, mood, interior];
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_reads_every_word_an_engine_could_be_given() {
        let word = |name: &str| format!("<{name}>");
        let (subject, outfit, expression) = (word("subject"), word("outfit"), word("expression"));
        let shows = Shows { subject, kind: ShownKind::Bust, outfit, expression, candidate: 1 };
        let brief = Brief {
            shows,
            prompt: word("prompt"),
            traits: vec![word("trait"), word("other trait")],
            clothing: word("clothing"),
            palette: vec![word("colour")],
            lighting: word("lighting"),
            mood: word("mood"),
            interior: word("interior"),
            references: Vec::new(),
            width: 1,
            height: 1,
        };
        let read = gate_text(&brief);
        let written = serde_json::to_string(&brief).unwrap();
        let words: Vec<&str> = written.split('"').filter(|text| text.starts_with('<')).collect();
        assert_eq!(words.len(), 11);
        for word in words {
            assert!(read.contains(word), "{word} is not read");
        }
    }
}
