//! Correlations without a broker: what folding a hit costs, what windows weigh and how fast they are restored, what somebody who
//! sends a million hits to one key can do, and what correlations cost the match stage.
//!
//! ```text
//! cargo bench --no-default-features --features mimalloc --bench correlate            all
//! cargo bench --no-default-features --features mimalloc --bench correlate -- fold    one: fold, flood, windows, matching
//! ```
//!
//! The feature is the allocator of the program; without it, that of the system is measured.
//!
//! All seconds are CPU time of the thread. Every run checks how many hits there were and how many firings, and ends with an error
//! where a figure misses its bar by so much that noise cannot be the cause. How to read the figures: `benches/README.md`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark sets itself up, prints what it measures, and ends if it cannot"
)]

mod flood;
mod fold;
mod load;
mod matching;
mod traffic;
mod versions;
mod windows;

use std::{env, fs};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [command, file] = arguments.as_slice()
        && command == windows::RESTORE
    {
        return windows::restore(file);
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let all: [(&str, fn()); 4] = [
        ("fold", fold::measure),
        ("flood", flood::measure),
        ("windows", windows::measure),
        ("matching", matching::measure),
    ];
    for (_, measure) in all.into_iter().filter(|(name, _)| wanted(name)) {
        measure();
    }
}

/// CPU seconds of this thread.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts the time of a thread");
    let nanos = stat.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.expect("a number of nanoseconds") / 1e9
}

/// What something yields, and the CPU seconds that it takes.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begun = cpu();
    let done = work();
    (done, cpu() - begun)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Resident memory of this process, in MiB.
fn resident_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells of a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).expect("kilobytes") / 1024.0
}
