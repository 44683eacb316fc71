//! The service on a real broker: what it costs beside a consumer that only reads, and how soon a flag is there.
//!
//! ```text
//! benches/with-kafka cargo bench --bench pipeline                    all
//! benches/with-kafka cargo bench --bench pipeline -- throughput      one: throughput, hits, correlate, latency
//! ```
//!
//! A rival, a program for Kafka Streams, takes turns with the service if `benches/pipeline/streams/build` was run before.
//!
//! `WARDLINE_BENCH_EVENTS` sets how many events the throughput is measured over (default 2,000,000),
//! `WARDLINE_BENCH_SECONDS` how long each run of the latency takes (default 20). Topics are called
//! `wardline.bench.…` and stay on the broker. How to read the figures: `benches/README.md`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark sets up processes, prints what it measures, and ends if it cannot"
)]

mod correlate;
mod hits;
mod input;
mod latency;
#[path = "../correlate/load.rs"]
mod load;
mod site;
mod streams;
mod throughput;
#[path = "../correlate/traffic.rs"]
mod traffic;
#[path = "../correlate/versions.rs"]
mod versions;

use load::RULES;
use std::env;

/// Partitions of every topic.
const PARTITIONS: i32 = 4;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [command, brokers, topic, events] = arguments.as_slice()
        && command == throughput::COUNT
    {
        return throughput::count(brokers, topic, events.parse().expect("a number of events"));
    }
    let Ok(brokers) = env::var("WARDLINE_BENCH_BROKERS") else {
        println!("pipeline: skipped; it needs a broker: benches/with-kafka cargo bench --bench pipeline");
        return;
    };
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    if wanted("throughput") {
        throughput::measure(&brokers, number("WARDLINE_BENCH_EVENTS", 2_000_000));
    }
    if wanted("hits") {
        hits::measure(&brokers, number("WARDLINE_BENCH_EVENTS", 2_000_000));
    }
    if wanted("correlate") {
        correlate::measure(&brokers);
    }
    if wanted("latency") {
        latency::measure(&brokers, number("WARDLINE_BENCH_SECONDS", 20));
    }
}

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |number| number.parse().expect("a number"))
}

/// The least of some figures, their median, and the greatest.
fn spread(mut figures: Vec<f64>) -> [f64; 3] {
    figures.sort_by(f64::total_cmp);
    [figures[0], figures[figures.len() / 2], figures[figures.len() - 1]]
}
