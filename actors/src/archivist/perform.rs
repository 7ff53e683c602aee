//! How the Archivist drops a file and has a report written.

use futures::future::BoxFuture;
use hydra_events::vocabulary::asset::AssetCommand;
use hydra_events::vocabulary::report::ReportCommand;

use super::asset::{Asset, DropBlob};
use super::report::{Compile, Report};
use crate::perform::{Job, Perform};
use crate::ports::{PortError, Ports};

impl Perform for Asset {
    fn perform(
        ports: Ports,
        effect: DropBlob,
        _: Job,
    ) -> BoxFuture<'static, Result<AssetCommand, PortError>> {
        Box::pin(remove(ports, effect))
    }
}

impl Perform for Report {
    fn perform(
        ports: Ports,
        effect: Compile,
        _: Job,
    ) -> BoxFuture<'static, Result<ReportCommand, PortError>> {
        Box::pin(compile(ports, effect))
    }
}

async fn remove(ports: Ports, effect: DropBlob) -> Result<AssetCommand, PortError> {
    ports.content.remove(effect.blob).await?;
    Ok(AssetCommand::ConfirmDrop {})
}

async fn compile(ports: Ports, effect: Compile) -> Result<ReportCommand, PortError> {
    let Compile { chapter, position } = effect;
    let report = ports.reporter.report(&chapter, position).await?;
    Ok(ReportCommand::AcceptReport { report: ports.content.put(report.into_bytes()).await? })
}
