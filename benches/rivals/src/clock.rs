//! CPU time of this thread, which is shared with nobody, and the median of turns.

use crate::contender::{Compiled, Contender, Hit};
use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of CPU time that this thread has used.
fn now() -> i64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Nanoseconds of CPU time that `work` uses.
#[expect(clippy::cast_precision_loss, reason = "durations of a benchmark")]
pub(crate) fn nanoseconds<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = now();
    let value = work();
    (value, (now() - start) as f64)
}

/// Compiles and tells what that took of time and of Rust's allocator.
pub(crate) fn compile<T>(work: impl FnOnce() -> T) -> (T, Compiled) {
    let mut value = None;
    let mut time = 0.0;
    let memory = allocation_counter::measure(|| {
        let (compiled, spent) = nanoseconds(work);
        (value, time) = (Some(compiled), spent);
    });
    let compiled = Compiled {
        milliseconds: time / 1e6,
        bytes: usize::try_from(memory.bytes_current).unwrap_or(0),
        peak: usize::try_from(memory.bytes_max).ok(),
    };
    (value.expect("the closure ran"), compiled)
}

/// The median of each contender's nanoseconds a message; they take turns, so that a slow moment is everybody's. Each goes
/// over the messages once more before it is timed: a service has its tables and what it just decoded in the caches, and
/// what is not there depends on whose turn was before.
#[expect(clippy::cast_precision_loss, reason = "a few thousand messages")]
pub(crate) fn turns(contenders: &mut [Box<dyn Contender + '_>], messages: usize, repeats: usize) -> Vec<f64> {
    let mut times = vec![Vec::new(); contenders.len()];
    let mut hits: Vec<Hit> = Vec::new();
    for _ in 0..repeats {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let taken = messages.min(contender.most());
            contender.run(taken, &mut hits);
            hits.clear();
            let ((), spent) = nanoseconds(|| contender.run(taken, &mut hits));
            times.push(spent / taken as f64);
        }
    }
    times.into_iter().map(median).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
