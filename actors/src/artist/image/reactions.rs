//! What scenes, orders and reviews mean to a picture.

use hydra_events::StreamName;
use hydra_events::vocabulary::image::ImageCommand;
use hydra_events::vocabulary::order::OrderEvent;
use hydra_events::vocabulary::review::ReviewEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::WantedImage;

use super::Image;
use crate::decider::{Decider, Reaction};

pub(super) fn of_scene(scene: &StreamName, fact: SceneEvent) -> Vec<Reaction<ImageCommand>> {
    match fact {
        SceneEvent::SceneWritten { chapter, images, released, .. } => {
            let wanted = requests(scene, chapter.id(), images, 0);
            wanted.chain(releases(scene, released)).collect()
        }
        SceneEvent::SceneCancelled { released, .. } => releases(scene, released).collect(),
        SceneEvent::SceneOpened { .. }
        | SceneEvent::DraftWithdrawn { .. }
        | SceneEvent::SceneAssetSupplied { .. }
        | SceneEvent::SceneAssetMissing { .. }
        | SceneEvent::SceneAssetReopened { .. }
        | SceneEvent::SceneClosed { .. }
        | SceneEvent::SceneReopened { .. } => Vec::new(),
    }
}

pub(super) fn of_order(order: &StreamName, fact: OrderEvent) -> Vec<Reaction<ImageCommand>> {
    match fact {
        OrderEvent::OrderPlaced { images, priority, chapter, .. } => {
            requests(order, chapter.as_deref().unwrap_or(order.id()), images, priority).collect()
        }
        OrderEvent::OrderCancelled { released, .. } => releases(order, released).collect(),
        OrderEvent::OrderImageSupplied { .. }
        | OrderEvent::OrderImageMissing { .. }
        | OrderEvent::OrderImageReopened { .. }
        | OrderEvent::OrderFilled { .. } => Vec::new(),
    }
}

pub(super) fn of_review(fact: ReviewEvent) -> Vec<Reaction<ImageCommand>> {
    match fact {
        ReviewEvent::ReviewApproved { image, quality_try, scores, by, .. } => {
            vec![(image, ImageCommand::ApproveImage { quality_try, scores, by })]
        }
        ReviewEvent::ReviewRejected { image, quality_try, reasons, by, .. } => {
            vec![(image, ImageCommand::RejectImage { quality_try, reasons, by })]
        }
        ReviewEvent::ReviewOpened { .. }
        | ReviewEvent::PictureScored { .. }
        | ReviewEvent::PictureRefused { .. }
        | ReviewEvent::ReviewSuperseded { .. }
        | ReviewEvent::ReviewWithdrawn { .. }
        | ReviewEvent::ReviewUndecided { .. } => Vec::new(),
    }
}

fn requests<'a>(
    requester: &'a StreamName,
    chapter: &'a str,
    images: Vec<WantedImage>,
    priority: i32,
) -> impl Iterator<Item = Reaction<ImageCommand>> + 'a {
    images.into_iter().map(move |WantedImage { image, brief, shows, recalled }| {
        let (requester, chapter) = (requester.clone(), chapter.to_owned());
        (image, ImageCommand::RequestImage { requester, chapter, brief, shows, priority, recalled })
    })
}

fn releases(
    requester: &StreamName,
    released: Vec<StreamName>,
) -> impl Iterator<Item = Reaction<ImageCommand>> {
    let images = released.into_iter().filter(|asset| asset.category() == Image::CATEGORY);
    images.map(|image| (image, ImageCommand::ReleaseImage { requester: requester.clone() }))
}
