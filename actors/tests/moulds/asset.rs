//! The lives of a filed asset, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::asset::AssetCommand;
use hydra_events::vocabulary::effect::FailureKind;

use crate::table::picture::{hash, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        filed("kept").tell(&file("image-b")).tell(&release("image-a")),
        filed("dropped").tell(&release("image-a")).work("drop-1", &AssetCommand::ConfirmDrop {}),
        filed("wanted again in time, then dropped")
            .tell(&release("image-a"))
            .tell(&file("image-b"))
            .tell(&release("image-b"))
            .work("drop-2", &AssetCommand::ConfirmDrop {}),
        filed("dropped and filed again")
            .tell(&release("image-a"))
            .work("drop-1", &AssetCommand::ConfirmDrop {})
            .tell(&file("image-b")),
        filed("the store fails once")
            .tell(&release("image-a"))
            .fail("drop-1", FailureKind::Transient)
            .work("drop-1", &AssetCommand::ConfirmDrop {}),
        filed("the drop is parked and unparked")
            .tell(&release("image-a"))
            .fail("drop-1", FailureKind::Permanent)
            .unpark()
            .work("drop-1", &AssetCommand::ConfirmDrop {}),
    ]
}

fn filed(name: &'static str) -> Story {
    Story::new(name, &format!("asset-{}", hash("picture"))).tell(&file("image-a"))
}

fn file(referrer: &str) -> AssetCommand {
    AssetCommand::FileAsset {
        blob: hash("picture"),
        media_type: "image/png".into(),
        referrer: stream(referrer),
    }
}

fn release(referrer: &str) -> AssetCommand {
    AssetCommand::ReleaseAsset { referrer: stream(referrer) }
}
