//! The next batch: gathered, checked and encoded while the one before it is being stored, so that neither the server
//! nor this thread waits for the other.
//!
//! It is checked as if the batch before it had been stored. Nobody is told of it before that is true: should the batch
//! before it fail, both are checked again by asking the store. So is a batch in which somebody begins a stream that is
//! there already.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::super::LogError;
use super::super::entry::Entry;
use super::super::ledger::{Answer, Checked, Ledger, Results, Size};
use super::super::records::Head;
use super::rows::Rows;
use super::writer::Request;
use crate::clock::Clock;

/// Appends whose outcome is known once what was checked before them is stored.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<(Entry, Answer)>,
    /// What becomes of each of them.
    pub(super) results: Results,
    /// What is to be stored of them.
    pub(super) rows: Rows,
}

/// What was taken from the queue and is not under way yet.
#[derive(Default)]
pub(super) struct Next {
    batch: Batch,
    size: Size,
    /// What cannot be decided without the store, in its order. Whatever is queued behind it waits there.
    waiting: VecDeque<Request>,
    is_closed: bool,
}

impl Next {
    pub(super) fn is_empty(&self) -> bool {
        self.batch.entries.is_empty() && self.waiting.is_empty()
    }

    /// Whether nothing is left, and nothing can come.
    pub(super) fn is_over(&self) -> bool {
        self.is_closed && self.is_empty()
    }

    /// Whether more may be taken from the queue.
    pub(super) fn has_room(&self) -> bool {
        !self.is_closed && self.waiting.is_empty() && self.size.within_limits()
    }

    /// Waits until there is something.
    pub(super) async fn filled(
        &mut self,
        queue: &mut mpsc::Receiver<Request>,
        ledger: &mut Ledger,
        clock: &dyn Clock,
    ) {
        if self.is_empty() {
            self.gather(queue, ledger, clock).await;
        }
    }

    /// Takes what is queued, once there is something, and checks it against `ledger`.
    pub(super) async fn gather(
        &mut self,
        queue: &mut mpsc::Receiver<Request>,
        ledger: &mut Ledger,
        clock: &dyn Clock,
    ) {
        let Some(first) = queue.recv().await else {
            self.is_closed = true;
            return;
        };
        if self.batch.entries.is_empty() {
            ledger.begin(clock.now());
        }
        self.take(first, ledger);
        while self.has_room()
            && let Ok(request) = queue.try_recv()
        {
            self.take(request, ledger);
        }
    }

    fn take(&mut self, request: Request, ledger: &mut Ledger) {
        let Request::Record { entry, reply } = request else {
            return self.waiting.push_back(request);
        };
        let Some(result) = check(&entry, ledger) else {
            return self.waiting.push_back(Request::Record { entry, reply });
        };
        if let Ok(Checked::Fresh(events)) = &result {
            events.iter().for_each(|event| self.batch.rows.push(event));
        }
        self.size.add(&entry);
        self.batch.results.push(result);
        self.batch.entries.push((entry, reply));
    }

    /// The batch as far as it is checked.
    pub(super) fn take_batch(&mut self) -> Batch {
        self.size = Size::default();
        std::mem::take(&mut self.batch)
    }

    /// The first of what cannot be decided without the store.
    pub(super) fn take_waiting(&mut self) -> Option<Request> {
        self.waiting.pop_front()
    }

    /// The ledger it was checked against is no longer to be trusted: everything has to be decided anew.
    pub(super) fn doubt(&mut self) {
        let Batch { entries, .. } = self.take_batch();
        self.put_back(entries);
    }

    /// Takes `entries` back, to be decided anew before everything else.
    pub(super) fn put_back(&mut self, entries: Vec<(Entry, Answer)>) {
        for (entry, reply) in entries.into_iter().rev() {
            self.waiting.push_front(Request::Record { entry, reply });
        }
    }
}

/// What becomes of `entry`, unless the store has to be asked.
fn check(entry: &Entry, ledger: &mut Ledger) -> Option<Result<Checked, LogError>> {
    let Entry::New(append) = entry else { return None };
    let head = match ledger.head(&append.stream, append.expected) {
        Some(head) => head,
        // Who begins a stream has found none. Where there is one after all, its unique key refuses the whole batch, which
        // costs a look at the head of the log and an error in the server's own log.
        None if append.expected == 0 => {
            ledger.make_room(1);
            Head::NONE
        }
        None => return None,
    };
    let checked = ledger.check(append, head).transpose()?;
    Some(checked.map(Checked::Fresh))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::clock::SystemClock;
    use crate::contract::sample::{small, stream};
    use crate::log::ledger::End;
    use crate::record::Version;

    fn request(id: &str, expected: Version) -> Request {
        let append = small(&stream(id), expected, &format!("{id} after {expected}"));
        Request::Record { entry: Entry::New(Box::new(append)), reply: oneshot::channel().0 }
    }

    /// The streams and versions expected of what has to be decided by asking the store.
    fn waiting(next: &mut Next) -> Vec<(String, Version)> {
        let mut found = Vec::new();
        while let Some(Request::Record { entry: Entry::New(append), .. }) = next.take_waiting() {
            found.push((append.stream.id().to_owned(), append.expected));
        }
        found
    }

    async fn gathered(requests: Vec<Request>) -> (Next, Ledger, mpsc::Receiver<Request>) {
        let (sender, mut queue) = mpsc::channel(16);
        for request in requests {
            sender.try_send(request).ok().unwrap();
        }
        let mut ledger = Ledger::new(End::default(), std::collections::BTreeSet::new());
        ledger.learn(stream("known"), Head::NONE);
        let mut next = Next::default();
        next.gather(&mut queue, &mut ledger, &SystemClock).await;
        (next, ledger, queue)
    }

    #[tokio::test]
    async fn what_follows_on_what_is_known_is_checked_as_if_all_before_it_were_stored() {
        let requests = vec![request("known", 0), request("known", 1), request("known", 2)];
        let (mut next, ledger, _) = gathered(requests).await;
        assert!(next.has_room() && ledger.end().position == 3);
        let batch = next.take_batch();
        let versions: Vec<Version> =
            crate::log::ledger::fresh(&batch.results).flatten().map(|event| event.version).collect();
        assert_eq!(versions, [1, 2, 3]);
        assert!(next.is_empty());
    }

    #[tokio::test]
    async fn whatever_is_queued_behind_an_unknown_stream_waits_in_its_order() {
        let requests =
            vec![request("known", 0), request("unknown", 3), request("known", 1), request("known", 2)];
        let (mut next, _, mut queue) = gathered(requests).await;
        assert!(!next.has_room(), "the store has to be asked first");
        assert_eq!(next.take_batch().entries.len(), 1);
        assert_eq!(waiting(&mut next), [("unknown".to_owned(), 3)]);
        assert!(queue.try_recv().is_ok() && queue.try_recv().is_ok());
    }

    #[tokio::test]
    async fn a_stream_that_is_begun_is_taken_for_new() {
        let (mut next, ledger, _) = gathered(vec![request("new", 0), request("new", 1)]).await;
        assert!(next.has_room() && ledger.end().position == 2);
        assert_eq!(next.take_batch().entries.len(), 2);
    }

    #[tokio::test]
    async fn a_doubted_batch_waits_behind_the_one_that_failed_and_before_everything_else() {
        let (mut next, mut ledger, mut queue) =
            gathered(vec![request("known", 0), request("known", 1), request("unknown", 5)]).await;
        next.doubt();
        assert!(next.take_batch().entries.is_empty());
        let Request::Record { entry, reply } = request("failed", 7) else { panic!("an append") };
        next.put_back(vec![(entry, reply)]);
        next.filled(&mut queue, &mut ledger, &SystemClock).await;
        let order = [("failed", 7), ("known", 0), ("known", 1), ("unknown", 5)];
        assert_eq!(waiting(&mut next), order.map(|(id, version)| (id.to_owned(), version)));
    }
}
