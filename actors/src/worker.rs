//! A worker: takes up invitations to heavy work, claims the attempt, performs it and reports.
//!
//! It may be part of the process that decides, or a process of its own on the machine that has the GPU, which needs
//! the bus and the content store and nothing else. Everything it was doing is tried again elsewhere when it is gone.

use std::sync::Arc;
use std::time::Duration;

use hydra_bus::{Bus, Held as Invited, Invitation};
use hydra_events::Id;
use hydra_events::vocabulary::cluster::ClusterCommand;
use hydra_events::vocabulary::terms::WorkKind;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::aggregate::wire_command;
use crate::attempt::{Attempt, Attempts, UnderWay};
use crate::desk::{Claim, Desk, Place, Presence, Slots, TAKEN};
use crate::host::{Envelope, HostError, LEASE, cluster_stream, fresh_id};
use crate::ports::Ports;

/// How often a worker tells that it lives.
pub const BEAT: Duration = Duration::from_secs(3);
/// Pause before what could not be done now is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// What a worker works with.
#[derive(Clone)]
pub struct WorkerParts {
    /// Whom to ask.
    pub desk: Arc<dyn Desk>,
    /// Where invitations come from.
    pub bus: Arc<dyn Bus>,
    /// The world.
    pub ports: Ports,
    /// The name of this machine.
    pub node: String,
}

/// Takes up what is offered to one process.
#[derive(Clone)]
pub(crate) struct Worker(Arc<Inner>);

struct Inner {
    place: Place,
    attempts: Attempts,
    bus: Arc<dyn Bus>,
    tasks: TaskTracker,
    /// Nothing new is begun.
    stop: CancellationToken,
    /// What is under way is cut off.
    cut: CancellationToken,
    /// Another process is this node now.
    replaced: CancellationToken,
}

/// Works until `stop`, then lets what is under way finish for at most `grace` and gives the rest back.
///
/// # Errors
/// When the process that decides does not want this worker, and says why.
pub async fn work(
    parts: WorkerParts,
    slots: Slots,
    stop: CancellationToken,
    grace: Duration,
) -> Result<(), HostError> {
    while !stop.is_cancelled() {
        // A worker that was given up must not be taken for the one that follows.
        let instance = instance(parts.ports.clock.as_ref());
        let place = Place { node: parts.node.clone(), instance };
        let joined = stop.run_until_cancelled(join(&parts, &place, &slots)).await;
        let Some(joined) = joined else { return Ok(()) };
        joined?;
        tracing::info!(node = place.node, instance = place.instance, "joined");
        let attempts = Attempts {
            desk: Arc::clone(&parts.desk),
            ports: parts.ports.clone(),
            under_way: UnderWay::default(),
            beside: &[],
        };
        let worker = Worker::within(
            place,
            attempts,
            Arc::clone(&parts.bus),
            TaskTracker::new(),
            CancellationToken::new(),
            CancellationToken::new(),
        );
        worker.live(&slots, &stop, grace).await;
    }
    Ok(())
}

/// One process's name: different at every start, also when process ids repeat.
pub fn instance(clock: &dyn hydra_events::Clock) -> String {
    format!("{}-{}", std::process::id(), clock.now().0)
}

/// Whoever was this machine a moment ago may have died without a word: it is waited for until its leases are lost.
async fn join(parts: &WorkerParts, place: &Place, slots: &Slots) -> Result<(), HostError> {
    let patience = Instant::now() + LEASE + 2 * BEAT;
    loop {
        match parts.desk.join(place, slots.clone()).await {
            Err(HostError::Rejected(rejection)) if rejection.rule == TAKEN && Instant::now() < patience => {
                tracing::info!(%rejection, "joining is tried again");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) if error.may_pass() => {
                tracing::info!(%error, "joining is tried again");
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}

impl Worker {
    /// A worker whose owner deals with `tasks` and both tokens.
    pub(crate) fn within(
        place: Place,
        attempts: Attempts,
        bus: Arc<dyn Bus>,
        tasks: TaskTracker,
        stop: CancellationToken,
        cut: CancellationToken,
    ) -> Self {
        Self(Arc::new(Inner { place, attempts, bus, tasks, stop, cut, replaced: CancellationToken::new() }))
    }

    /// The life of a worker that is a process of its own.
    async fn live(&self, slots: &Slots, stop: &CancellationToken, grace: Duration) {
        let Inner { tasks, replaced, cut, .. } = self.0.as_ref();
        for kind in slots.keys() {
            self.pull(*kind);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = replaced.cancelled() => tracing::warn!("this worker was given up for dead; it joins again"),
            () = self.tell_that_it_lives() => {}
        }
        self.take_no_more().await;
        tasks.close();
        let grace = if replaced.is_cancelled() { Duration::ZERO } else { grace };
        if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
            tracing::warn!(tasks = tasks.len(), "work was cut off; it is owed and will be done again");
        }
        cut.cancel();
        tasks.wait().await;
        if let Err(error) = self.0.attempts.desk.leave(&self.0.place).await {
            tracing::warn!(%error, "nobody was told that this worker leaves; its leases end by themselves");
        }
    }

    /// A lease that is not granted need not be given back.
    async fn take_no_more(&self) {
        let Place { node, instance } = self.0.place.clone();
        let command = ClusterCommand::JoinNode { node, instance, slots: Slots::new() };
        if !self.0.replaced.is_cancelled() {
            match tokio::time::timeout(BEAT, self.tell_cluster(command)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "leases may still be granted to this worker"),
                Err(_) => tracing::warn!("leases may still be granted to this worker: nobody answers"),
            }
        }
        self.0.stop.cancel();
    }

    async fn tell_that_it_lives(&self) {
        loop {
            let at = self.0.attempts.under_way.tasks();
            match self.0.attempts.desk.beat(&self.0.place, at).await {
                Ok(Presence::Known) => {}
                Ok(Presence::Unknown) => self.0.replaced.cancel(),
                Err(error) => tracing::warn!(%error, "the process that decides does not hear this worker"),
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// Takes up what is offered in work of `kind`, as many at once as there are leases.
    pub(crate) fn pull(&self, kind: WorkKind) {
        let worker = self.clone();
        let stop = self.0.stop.clone();
        self.0.tasks.spawn(async move {
            stop.run_until_cancelled(worker.take_up(kind)).await;
        });
    }

    async fn take_up(&self, kind: WorkKind) {
        loop {
            match self.0.bus.invitations(&self.0.place.node, kind).await {
                Ok(mut invitations) => {
                    while let Ok(invited) = invitations.next().await {
                        self.accept(invited);
                    }
                    return;
                }
                Err(error) => tracing::warn!(%error, kind = kind.as_str(), "invitations are not heard yet"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn accept(&self, invited: Invited) {
        let (worker, cut) = (self.clone(), self.0.cut.clone());
        self.0.tasks.spawn(async move {
            cut.run_until_cancelled(worker.take(invited)).await;
        });
    }

    async fn take(&self, invited: Invited) {
        let invitation = invited.invitation.clone();
        if invitation.instance != self.0.place.instance {
            return self.of_another(invited).await;
        }
        if let Err(error) = self.work(invited).await {
            let Invitation { stream, effect, .. } = &invitation;
            tracing::warn!(%error, %stream, effect, "leased work failed; its lease is given back");
            self.give_back(&invitation, error.to_string()).await;
        }
    }

    /// What was offered to a predecessor is of no use any more; what is offered to a successor must reach it.
    async fn of_another(&self, invited: Invited) {
        match self.0.attempts.desk.beat(&self.0.place, self.0.attempts.under_way.tasks()).await {
            Ok(Presence::Known) => done(invited).await,
            Ok(Presence::Unknown) => self.0.replaced.cancel(),
            Err(error) => {
                tracing::warn!(%error, "an invitation to another process is offered again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn work(&self, invited: Invited) -> Result<(), HostError> {
        let Invitation { kind, task, stream, effect, epoch, alone, .. } = invited.invitation.clone();
        let Place { node, instance } = self.0.place.clone();
        let claim = Claim { effect, worker: format!("{node}/{}", kind.as_str()), instance, epoch, alone };
        match self.0.attempts.begin(&stream, claim).await {
            Ok(Attempt::Begun(claimed, held)) => {
                done(invited).await;
                self.0.attempts.see_through(&stream, *claimed, None).await?;
                drop(held);
                self.tell_cluster(ClusterCommand::FinishTask { task }).await?;
            }
            Ok(Attempt::UnderWay) => {
                done(invited).await;
                return Ok(());
            }
            Ok(Attempt::Unwanted(reason)) => {
                done(invited).await;
                self.tell_cluster(ClusterCommand::ReturnLease { task, epoch, reason, again: false }).await?;
            }
            Err(error @ HostError::Away(_)) => {
                tracing::warn!(%error, %stream, "a claim is made again");
                tokio::time::sleep(PAUSE).await;
                return Ok(());
            }
            Err(error) => {
                done(invited).await;
                return Err(error);
            }
        }
        // Whatever the stream owes now, it may need a new lease for it.
        self.0.attempts.desk.attend(&stream).await
    }

    /// A lease nobody works under would keep its slot until somebody misses it: it is given back however long that
    /// takes.
    async fn give_back(&self, invitation: &Invitation, reason: String) {
        let Invitation { task, epoch, .. } = *invitation;
        while !self.0.stop.is_cancelled() {
            let command = ClusterCommand::ReturnLease { task, epoch, reason: reason.clone(), again: true };
            match self.tell_cluster(command).await {
                Err(error) if error.may_pass() => tokio::time::sleep(PAUSE).await,
                Ok(()) | Err(_) => return,
            }
        }
    }

    async fn tell_cluster(&self, command: ClusterCommand) -> Result<(), HostError> {
        let stream = cluster_stream()?;
        let command = wire_command(&stream, &command)?;
        let envelope = Envelope::from_inside(self.fresh_id());
        self.0.attempts.report(&stream, command, envelope).await.map(|_| ())
    }

    fn fresh_id(&self) -> Id {
        fresh_id(self.0.attempts.ports.clock.as_ref(), &self.0.place.instance)
    }
}

/// The invitation is not offered again.
async fn done(invited: Invited) {
    if let Err(error) = invited.ack().await {
        tracing::debug!(%error, "an invitation was not acknowledged; a second claim is answered the same");
    }
}
