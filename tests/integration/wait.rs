//! Waiting for a condition, bounded by a deadline: the only place in the tests that lets time pass.
//!
//! A test that sleeps a fixed time is either slow or wrong on a busy machine. Here a probe is asked again
//! and again until it answers; the short pause between two questions only keeps the probe from taking
//! the processor that the process under test needs. When the limit is reached the test fails with what
//! the probe saw last, so that a failure says what was missing and not merely that it took too long.

#![expect(clippy::disallowed_methods, reason = "deadlines need a clock")]

use std::thread;
use std::time::{Duration, Instant};

/// Between two questions: short beside everything that is measured, long beside one question's cost.
const PAUSE: Duration = Duration::from_millis(10);

/// Asks `probe` until it gives a value; after `limit` panics with `what` and the probe's last refusal.
pub(crate) fn until<T>(what: &str, limit: Duration, probe: impl FnMut() -> Result<T, String>) -> T {
    match try_until(limit, probe) {
        Ok(value) => value,
        Err(last) => panic!("waited {limit:?} for {what}; last: {last}"),
    }
}

/// As [`until`], for those that go on after a refusal: gives the probe's last words.
pub(crate) fn try_until<T>(
    limit: Duration,
    mut probe: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let deadline = Instant::now() + limit;
    loop {
        match probe() {
            Ok(value) => return Ok(value),
            Err(last) if Instant::now() >= deadline => return Err(last),
            Err(_) => thread::park_timeout(PAUSE),
        }
    }
}

/// Asks `probe` until it says yes.
pub(crate) fn until_true(what: &str, limit: Duration, mut probe: impl FnMut() -> bool) {
    until(what, limit, || if probe() { Ok(()) } else { Err("not yet".to_owned()) });
}

/// Lets `time` pass because its passing is what the test is about: the length of a hang, the pace of a
/// load. Never a stand-in for a condition.
pub(crate) fn pass(time: Duration) {
    let deadline = Instant::now() + time;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}
