//! What correlations cost a process that matches: CPU time over the same events with a thousand phrase rules, and with two hundred
//! correlations of these rules besides, so that each event that hits becomes two hits on a topic of their own.
//!
//! Exactly once, in turns, each beginning every second one; rules publish in both, or in neither. Flags, and hits where there are any, are
//! read back and counted. The benchmark `correlate -- matching` measures the stage alone; here transactions and librdkafka's threads are
//! included.

use super::input::Input;
use super::site::{self, Correlating, Site};
use super::{load, spread};

const ROUNDS: usize = 5;
/// How many times more a process may take with correlations; and what no noise explains.
const MOST: f64 = 1.15;
const FAR_TOO_MUCH: f64 = 1.4;

/// Measures over `events` events and prints the figures.
pub(super) fn measure(brokers: &str, events: u64) {
    let [[none, also_none], [hits, also_hits]] = [false, true].map(|correlating| {
        [true, false].map(|publish| Site::with_rules(brokers, &load::rules(publish, correlating)))
    });
    let input = Input::prepare(&none, events);
    println!("a process that matches {events} events, {} of them hit: CPU seconds a million", input.flagged);
    for (what, [without, with], flagged) in
        [("rules publish", [none, hits], input.flagged), ("rules do not publish", [also_none, also_hits], 0)]
    {
        let ratios: Vec<f64> = (0..ROUNDS)
            .map(|round| {
                let plain = || run(&without, &input, flagged, 0);
                let correlating = || run(&with, &input, flagged, 2 * input.flagged);
                let (without, with) = if round % 2 == 0 {
                    (plain(), correlating())
                } else {
                    let with = correlating();
                    (plain(), with)
                };
                println!("{what:<24}{without:>8.3} without{with:>8.3} with{:>8.2}", with / without);
                with / without
            })
            .collect();
        let [least, median, most] = spread(ratios);
        println!("{what}: median {median:.2}, {least:.2} to {most:.2} (bar {MOST})");
        assert!(median < FAR_TOO_MUCH, "correlations cost too much");
    }
}

/// CPU seconds a million events.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn run(site: &Site, input: &Input, flagged: usize, hits: usize) -> f64 {
    let name = site::new_name("hits");
    let topics = Correlating::of(&name);
    let start = || site.start_as("match", name, (&input.topic, &topics), "exactly-once");
    let (figures, _) = input.work(flagged, start);
    if hits > 0 {
        assert_eq!(site::count(&site.brokers, &topics.hits), hits, "hits");
    }
    figures.usage.cpu / (input.events as f64 / 1e6)
}
