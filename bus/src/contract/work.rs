//! Clauses on invitations.

use std::collections::BTreeSet;
use std::pin::pin;

use futures::{FutureExt, poll};
use hydra_events::Id;
use hydra_events::vocabulary::terms::WorkKind;

use super::{Backend, Outcome, stream};
use crate::bus::BusError;
use crate::work::{EFFECT_BYTES_MAX, Invitation};

pub(super) const NODE: &str = "gpu-1";

/// The `epoch`-th invitation to draw on one node.
pub(super) fn invitation(epoch: u64) -> Invitation {
    Invitation {
        node: NODE.to_owned(),
        kind: WorkKind::Image,
        instance: "instance-1".to_owned(),
        task: Id::derive("task", &[&epoch.to_le_bytes()]),
        stream: stream(),
        effect: format!("render-{epoch}"),
        epoch,
        alone: epoch.is_multiple_of(2),
    }
}

/// An invitation arrives as it was made, also when nobody pulled yet, and in the order of invitation.
pub async fn an_invitation_waits_for_a_puller_and_arrives_whole(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    for epoch in 1..=3 {
        bus.invite(invitation(epoch)).await?;
    }
    let mut puller = bus.invitations(NODE, WorkKind::Image).await?;
    for epoch in 1..=3 {
        let held = puller.next().await?;
        assert_eq!(held.invitation, invitation(epoch));
        held.ack().await?;
    }
    Ok(())
}

/// Of several pullers of one node and kind exactly one gets an invitation.
pub async fn an_invitation_goes_to_exactly_one_puller(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut one = bus.invitations(NODE, WorkKind::Image).await?;
    let mut other = bus.invitations(NODE, WorkKind::Image).await?;
    let count = backend.invitations_max().min(20) as u64;
    for epoch in 1..=count {
        bus.invite(invitation(epoch)).await?;
    }
    let mut seen = BTreeSet::new();
    let mut held_back = Vec::new();
    for _ in 0..count {
        let held = futures::select_biased! {
            held = one.next().fuse() => held?,
            held = other.next().fuse() => held?,
        };
        assert!(seen.insert(held.invitation.epoch), "{:?} came twice", held.invitation);
        held_back.push(held);
    }
    assert_eq!(seen, (1..=count).collect());
    Ok(())
}

/// An invitation reaches nobody on another node or for another kind of work.
pub async fn an_invitation_reaches_only_its_node_and_kind(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let elsewhere = Invitation { node: "gpu-2".to_owned(), ..invitation(1) };
    let otherwise = Invitation { kind: WorkKind::Speech, ..invitation(2) };
    for invitation in [&elsewhere, &otherwise, &invitation(3)] {
        bus.invite(invitation.clone()).await?;
    }
    for expected in [invitation(3), otherwise, elsewhere] {
        let mut puller = bus.invitations(&expected.node, expected.kind).await?;
        let held = puller.next().await?;
        assert_eq!(held.invitation, expected);
        held.ack().await?;
    }
    Ok(())
}

/// An invitation whose puller goes away without an ack comes again, to any puller.
pub async fn an_invitation_without_ack_comes_again(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    bus.invite(invitation(1)).await?;
    let mut first = bus.invitations(NODE, WorkKind::Image).await?;
    let mut second = bus.invitations(NODE, WorkKind::Image).await?;
    drop(first.next().await?);
    let held = first.next().await?;
    assert_eq!(held.invitation, invitation(1));
    drop((held, first));
    let held = second.next().await?;
    assert_eq!(held.invitation, invitation(1));
    held.ack().await
}

/// An acked invitation never comes again.
pub async fn an_acked_invitation_never_comes_again(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut puller = bus.invitations(NODE, WorkKind::Image).await?;
    for epoch in 1..=5 {
        bus.invite(invitation(epoch)).await?;
        let held = puller.next().await?;
        assert_eq!(held.invitation, invitation(epoch));
        held.ack().await?;
        puller = bus.invitations(NODE, WorkKind::Image).await?;
    }
    Ok(())
}

/// Who invites too much waits, also while everything is held, and goes on when one is acked.
pub async fn too_many_invitations_wait_until_one_is_acked(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let count = backend.invitations_max() as u64;
    for epoch in 1..=count {
        bus.invite(invitation(epoch)).await?;
    }
    let mut puller = bus.invitations(NODE, WorkKind::Image).await?;
    let mut extra = pin!(bus.invite(invitation(count + 1)));
    assert!(poll!(&mut extra).is_pending(), "{count} are on offer and another was taken");
    let held = puller.next().await?;
    assert!(poll!(&mut extra).is_pending(), "{count} are on offer, one of them held, and another was taken");
    held.ack().await?;
    extra.await?;
    for epoch in 2..=count + 1 {
        let held = puller.next().await?;
        assert_eq!(held.invitation.epoch, epoch);
        held.ack().await?;
    }
    Ok(())
}

/// Full queues of one node and kind hold up no other.
pub async fn a_full_queue_holds_up_no_other(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    for epoch in 1..=backend.invitations_max() as u64 {
        bus.invite(invitation(epoch)).await?;
    }
    bus.invite(Invitation { kind: WorkKind::Speech, ..invitation(1) }).await?;
    bus.invite(Invitation { node: "gpu-2".to_owned(), ..invitation(1) }).await
}

/// A puller that stops waiting takes no invitation with it.
pub async fn a_puller_that_stops_waiting_takes_nothing_along(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut quitter = bus.invitations(NODE, WorkKind::Image).await?;
    let mut stayer = bus.invitations(NODE, WorkKind::Image).await?;
    let mut waiting = quitter.next();
    assert!(poll!(&mut waiting).is_pending(), "an invitation came before it was made");
    bus.invite(invitation(1)).await?;
    drop(waiting);
    drop(quitter);
    let held = stayer.next().await?;
    assert_eq!(held.invitation, invitation(1));
    held.ack().await
}

/// A puller that waits is woken by an invitation.
pub async fn a_waiting_puller_is_woken(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut puller = bus.invitations(NODE, WorkKind::Image).await?;
    let (held, invited) = futures::join!(puller.next(), bus.invite(invitation(1)));
    invited?;
    held?.ack().await
}

/// Names that would break a subject, and keys without end, are refused.
pub async fn an_invitation_that_would_break_a_subject_is_refused(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    for wrong in [
        Invitation { node: "gpu.1".to_owned(), ..invitation(1) },
        Invitation { node: String::new(), ..invitation(1) },
        Invitation { instance: "*".to_owned(), ..invitation(1) },
        Invitation { effect: String::new(), ..invitation(1) },
        Invitation { effect: "x".repeat(EFFECT_BYTES_MAX + 1), ..invitation(1) },
    ] {
        let refused = bus.invite(wrong.clone()).await;
        assert!(matches!(refused, Err(BusError::Refused(_))), "{wrong:?} was taken");
    }
    let refused = bus.invitations(">", WorkKind::Image).await;
    assert!(matches!(refused, Err(BusError::Refused(_))));
    Ok(())
}
