//! The closed loop: so many callers, each calling again as soon as it was answered.

use std::time::Instant;

use async_trait::async_trait;
use tokio::task::JoinSet;

use crate::sample::{Calls, Sample, Span};
use crate::{BenchError, failed};

/// One who calls.
#[async_trait]
pub trait Caller: Send + 'static {
    /// Calls once, and says how many operations that was.
    async fn call(&mut self) -> Result<u64, BenchError>;
}

/// The moments between which operations count.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    from: Instant,
    until: Instant,
}

impl Window {
    /// The window that opens after the warm-up.
    pub fn after(span: Span) -> Self {
        let from = Instant::now() + span.warm_up;
        Self { from, until: from + span.measured }
    }

    /// Whether `moment` lies in it.
    pub fn holds(&self, moment: Instant) -> bool {
        self.from <= moment && moment <= self.until
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// When it opens.
    pub fn from(&self) -> Instant {
        self.from
    }

    /// When it closes.
    pub fn until(&self) -> Instant {
        self.until
    }

    /// Its length in seconds.
    pub fn secs(&self) -> f64 {
        (self.until - self.from).as_secs_f64()
    }
}

/// What one caller did within the window.
#[derive(Default)]
pub(crate) struct Done {
    ops: u64,
    calls: Calls,
}

impl Done {
    /// Notes a call that is just over, if it counts.
    pub(crate) fn note(&mut self, window: &Window, begun: Instant, ops: u64) {
        let ended = Instant::now();
        if window.holds(ended) {
            self.ops += ops;
            self.calls.note(ended - begun);
        }
    }

    /// What it comes to.
    pub(crate) fn sample(self, window: &Window) -> Sample {
        Sample::new(self.ops, window.secs(), self.calls)
    }
}

/// Lets all `callers` call for the length of `span`; the first failure ends it.
pub async fn closed_loop<C: Caller>(callers: Vec<C>, span: Span) -> Result<Sample, BenchError> {
    let window = Window::after(span);
    let mut tasks = JoinSet::new();
    for mut caller in callers {
        tasks.spawn(async move {
            let mut done = Done::default();
            while !window.is_over() {
                let begun = Instant::now();
                let ops = caller.call().await?;
                done.note(&window, begun, ops);
            }
            Ok::<_, BenchError>(done)
        });
    }
    let mut all = Done::default();
    while let Some(done) = tasks.join_next().await {
        let done = done.map_err(failed("a caller"))??;
        all.ops += done.ops;
        all.calls.append(done.calls);
    }
    Ok(all.sample(&window))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Counts(u64);

    #[async_trait]
    impl Caller for Counts {
        async fn call(&mut self) -> Result<u64, BenchError> {
            self.0 += 1;
            tokio::task::yield_now().await;
            if self.0 > 3 { Err(BenchError::Wrong("enough".into())) } else { Ok(1) }
        }
    }

    #[tokio::test]
    async fn a_failing_caller_ends_the_run() {
        let span = Span { warm_up: Duration::ZERO, measured: Duration::from_secs(3_600) };
        let ended = closed_loop(vec![Counts(0), Counts(0)], span).await;
        assert!(matches!(ended, Err(BenchError::Wrong(_))));
    }

    #[tokio::test]
    async fn nothing_counts_outside_of_the_window() {
        let span = Span { warm_up: Duration::from_secs(3_600), measured: Duration::ZERO };
        let (window, mut done) = (Window::after(span), Done::default());
        done.note(&window, Instant::now(), 7);
        assert_eq!(done.ops, 0);
    }
}
