//! Making traffic: how many events of either kind a core makes in a second of its time.
//!
//! ```text
//! cargo bench --bench generate
//! ```
//!
//! Each run is of a million events into a buffer that is emptied after each; what was made is counted and compared with the
//! counts in this file. CPU time is that of the thread, as Linux tells it; elsewhere it is the clock's.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot be set up has to end; it prints what it measures"
)]

use std::fs;
use std::sync::LazyLock;
use std::time::Instant;
use wardline::generate::cases::{Cases, Given, Length, Styles};
use wardline::generate::{Generator, Settings, cases};

const EVENTS: u64 = 1_000_000;
const TURNS: usize = 3;

fn main() {
    println!("{:24}{:>12}{:>14}{:>12}{:>18}", "", "events", "bytes", "CPU ms", "events a CPU-s");
    for _ in 0..TURNS {
        told("traffic", traffic);
        told("cases", || labelled(Styles::Half, 0.005));
        told("cases, all risky", || labelled(Styles::Any, 1.0));
    }
}

fn told(name: &str, make: impl FnOnce() -> (u64, usize)) {
    let begun = cpu_ms();
    let (events, bytes) = make();
    let ms = cpu_ms() - begun;
    #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
    let rate = events as f64 / ms * 1e3;
    println!("{name:24}{events:>12}{bytes:>14}{ms:>12.0}{rate:>18.0}");
}

fn traffic() -> (u64, usize) {
    let mut generator = Generator::new(&Settings::default()).expect("in range");
    let (mut event, mut bytes) = (Vec::new(), 0);
    for _ in 0..EVENTS {
        generator.next_into(&mut event);
        bytes += event.len();
        event.clear();
    }
    (EVENTS, bytes)
}

fn labelled(styles: Styles, risky: f64) -> (u64, usize) {
    let settings =
        cases::Settings { length: Length::Events(EVENTS), styles, risky, ..cases::Settings::default() };
    let mut made = Cases::new(&settings, Given::default()).expect("in range");
    let (mut event, mut truth, mut events, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
    while made.next_into(&mut event, &mut truth).is_some() {
        events += 1;
        bytes += event.len();
        event.clear();
        truth.clear();
    }
    let expected = if risky < 1.0 { COUNTS[0] } else { COUNTS[1] };
    assert_eq!(events, expected, "events of cases");
    (events, bytes)
}

/// Events of a trace of at least a million: the last case is told to its end.
const COUNTS: [u64; 2] = [1_000_023, 1_000_029];

fn cpu_ms() -> f64 {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    ns.map_or_else(|| BEGUN.elapsed().as_secs_f64() * 1e3, |ns| ns / 1e6)
}
