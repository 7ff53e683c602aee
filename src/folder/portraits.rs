//! Portraits that were ordered: `portraits/<character>/`, in the chapter's folder where the order names one.
//!
//! The folder `portraits` has a list of files of its own, so that making a chapter's folder leaves it alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hydra_events::ContentStore;
use hydra_events::stream::is_id;
use hydra_projections::Views;
use hydra_projections::rows::{ImageRow, OrderRow};

use super::names::{Names, name};
use super::provenance::{self, Gap, Of, Provenance};
use super::story::approved;
use super::{Built, Plan, Wanted, disk, document};

/// An order, with its pictures as far as they are known.
pub(super) struct Ordered {
    /// The order.
    pub order: OrderRow,
    /// The rows of its pictures.
    pub images: Vec<ImageRow>,
}

/// Makes or heals the portraits of every order under `out`, one [`Built`] for each place they go to.
///
/// # Errors
/// A file cannot be read or written; content is gone from the store.
pub async fn portraits(views: &Views, content: &dyn ContentStore, out: &Path) -> Result<Vec<Built>> {
    let mut places: BTreeMap<PathBuf, Vec<Ordered>> = BTreeMap::new();
    for ordered in read(views).await? {
        places.entry(place(ordered.order.chapter.as_deref(), out)).or_default().push(ordered);
    }
    let mut built = Vec::new();
    for (folder, orders) in places {
        built.push(build(&orders, content, folder).await?);
    }
    Ok(built)
}

/// The portraits that were ordered for a chapter. Where there are none, nothing is touched.
pub(super) async fn portraits_for(
    views: &Views,
    content: &dyn ContentStore,
    chapter: &str,
    out: &Path,
) -> Result<Built> {
    let orders: Vec<Ordered> = read(views)
        .await?
        .into_iter()
        .filter(|ordered| ordered.order.chapter.as_deref() == Some(chapter))
        .collect();
    if orders.is_empty() {
        return Ok(Built::default());
    }
    build(&orders, content, place(Some(chapter), out)).await
}

async fn read(views: &Views) -> Result<Vec<Ordered>> {
    let mut read = Vec::new();
    for order in views.orders().await?.into_iter().filter(|order| order.state != "cancelled") {
        let mut images = Vec::new();
        for wanted in &order.images {
            images.extend(views.image(wanted.image.as_str()).await?);
        }
        read.push(Ordered { order, images });
    }
    Ok(read)
}

/// An order may name any chapter, also one that could not be a folder.
fn place(chapter: Option<&str>, out: &Path) -> PathBuf {
    let folder = match chapter {
        Some(chapter) if is_id(chapter) => out.join(chapter),
        Some(chapter) => out.join(name(&[chapter])),
        None => out.to_owned(),
    };
    folder.join("portraits")
}

/// Makes or heals one folder of portraits.
pub(super) async fn build(orders: &[Ordered], content: &dyn ContentStore, folder: PathBuf) -> Result<Built> {
    let mut characters: BTreeMap<String, Vec<&Ordered>> = BTreeMap::new();
    for ordered in orders {
        characters.entry(name(&[&ordered.order.character])).or_default().push(ordered);
    }
    let mut plan = Plan::default();
    let mut built = Built::default();
    for (character, orders) in &characters {
        let (files, gaps) = portraits_of(orders, &mut built);
        for (file, image) in &files {
            if let Some(blob) = approved(image) {
                plan.add(&format!("{character}/{file}"), Wanted::Blob(blob), image.id.as_str());
            }
        }
        let document = beside(character, &files, gaps, content).await?;
        plan.add(&format!("{character}/{}", provenance::FILE), Wanted::Bytes(document), "");
    }
    let healed = disk::heal(&folder, &plan, content).await?;
    healed.complete().with_context(|| format!("the portraits in {}", folder.display()))?;
    Ok(Built { folder, files: plan.files.len(), written: healed.written, removed: healed.removed, ..built })
}

/// The pictures of one character by file, and what is missing.
fn portraits_of<'a>(
    orders: &[&'a Ordered],
    built: &mut Built,
) -> (BTreeMap<String, &'a ImageRow>, Vec<Gap<'a>>) {
    let (mut files, mut gaps, mut names) = (BTreeMap::new(), Vec::new(), Names::default());
    for Ordered { order, images } in orders {
        built.images += order.images.len();
        built.count(images.iter());
        for wanted in &order.images {
            let row = images.iter().find(|image| image.id == wanted.image);
            if let Some(image) = row.filter(|image| approved(image).is_some()) {
                let shows = &wanted.shows;
                let seen = name(&[&shows.outfit, &shows.expression]);
                let wish = format!("{seen}-{}-{}", order.id, shows.candidate);
                files.insert(names.take(&wish, "png", image.id.as_str()), image);
            } else {
                let reason =
                    row.and_then(|image| image.missing_reason.clone()).unwrap_or("not made yet".into());
                built.missing.push(format!("{}: {reason}", wanted.image));
                gaps.push(Gap { stream: wanted.image.as_str(), reason });
            }
        }
    }
    (files, gaps)
}

async fn beside(
    character: &str,
    files: &BTreeMap<String, &ImageRow>,
    missing: Vec<Gap<'_>>,
    content: &dyn ContentStore,
) -> Result<Vec<u8>> {
    let mut assets = Vec::new();
    for (file, image) in files {
        assets.extend(provenance::of_image(image, vec![file], content).await?);
    }
    document(&Provenance { of: Of::Portraits(character), assets, documents: Vec::new(), missing })
}
