//! Ends the process when a call of the Kafka client does not return.
//!
//! Some calls ignore their time-out when coordinators move under load. A worker that hangs in one holds
//! its partitions, and nobody reads them: no error, no log, only lag. A supervisor's restart is the safe
//! road out, because everything durable is in Kafka; so the one thing to do here is to end.
//!
//! Rejected: cancelling the call (the client has no such thing) and a second thread that performs it
//! (the hung one would still own the client).
#![expect(clippy::disallowed_methods, reason = "measures how long calls take")]

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Watches the calls of all workers of a process.
#[derive(Debug, Clone)]
pub struct Watchdog {
    calls: Arc<Mutex<Vec<Call>>>,
}

#[derive(Debug, Clone, Copy)]
struct Call {
    id: u64,
    name: &'static str,
    since: Instant,
}

/// A call under watch, until this is dropped.
#[derive(Debug)]
#[must_use = "the call is watched only while this lives"]
pub struct Watched<'a> {
    watchdog: &'a Watchdog,
    id: u64,
}

impl Watchdog {
    /// Starts to watch. When a call takes longer than `bound`, `bite` is called with its name and the time
    /// that it has taken; it is not expected to return.
    pub fn start(bound: Duration, bite: impl Fn(&'static str, Duration) + Send + 'static) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let watched = Arc::downgrade(&calls);
        let pause = (bound / 20).clamp(Duration::from_millis(5), Duration::from_secs(1));
        // Ends by itself once nobody holds the other end.
        thread::spawn(move || {
            while let Some(calls) = watched.upgrade() {
                if let Some((name, taken)) = overdue(&calls, bound) {
                    bite(name, taken);
                }
                drop(calls);
                thread::sleep(pause);
            }
        });
        Self { calls }
    }

    /// Of the calls now running the one that takes longest, and how long it has taken.
    pub fn longest(&self) -> Option<(&'static str, Duration)> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().map(|call| (call.name, call.since.elapsed())).max_by_key(|(_, taken)| *taken)
    }

    /// Watches from now until what this yields is dropped.
    pub fn watch(&self, name: &'static str) -> Watched<'_> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let id = calls.iter().map(|call| call.id + 1).max().unwrap_or(0);
        calls.push(Call { id, name, since: Instant::now() });
        Watched { watchdog: self, id }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        let mut calls = self.watchdog.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.retain(|call| call.id != self.id);
    }
}

fn overdue(calls: &Mutex<Vec<Call>>, bound: Duration) -> Option<(&'static str, Duration)> {
    let calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
    let mut taken = calls.iter().map(|call| (call.name, call.since.elapsed()));
    taken.find(|(_, taken)| *taken > bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_call_that_does_not_return_is_named() {
        let (bitten, bites) = mpsc::channel();
        let watchdog = Watchdog::start(Duration::from_millis(20), move |name, _| {
            // Bites again and again, and after the first one nobody listens any more.
            bitten.send(name).ok();
        });
        drop(watchdog.watch("quick"));
        let _slow = watchdog.watch("slow");
        assert_eq!(bites.recv_timeout(Duration::from_secs(30)), Ok("slow"));
    }

    #[test]
    fn calls_that_returned_are_forgotten() {
        let watchdog = Watchdog::start(Duration::from_secs(30), |_, _| ());
        let first = watchdog.watch("a");
        let second = watchdog.watch("b");
        drop(first);
        drop(second);
        assert!(watchdog.calls.lock().expect("not poisoned").is_empty());
    }
}
