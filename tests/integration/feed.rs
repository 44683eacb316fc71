//! Feeding a trace at a pace, from a thread, while a test does harm; and scanning the same trace.

#![expect(clippy::disallowed_methods, reason = "paces by the clock, takes a seed from the environment")]

use super::broker::{Client, Input};
use super::process;
use super::site::Site;
use super::trace::Trace;
use super::wait;
use std::env;
use std::fs;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Records sent between two looks at the clock.
const STEP: usize = 100;

/// The seed of this run: `WARDLINE_TEST_SEED`, or a new one each time. Printed, so that a failure can be
/// had again.
pub(crate) fn seed() -> u64 {
    let given = env::var("WARDLINE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from(now().subsec_micros()));
    println!("seed {seed} (WARDLINE_TEST_SEED={seed} makes the same traffic and pauses)");
    seed
}

/// Event time that is neither in the future nor too long past for any retention.
pub(crate) fn hour_ago() -> i64 {
    i64::try_from(now().as_millis()).expect("milliseconds fit") - 3_600_000
}

/// A thread that writes a trace.
pub(crate) struct Feed(JoinHandle<()>);

impl Feed {
    /// Begins to write the trace, evenly spread over `span`.
    pub(crate) fn start(address: &str, topic: &str, trace: &Trace, span: Duration) -> Self {
        Self::of(address, topic, trace.inputs.clone(), span)
    }

    /// The same of any records.
    pub(crate) fn of(address: &str, topic: &str, inputs: Vec<Input>, span: Duration) -> Self {
        let (client, topic) = (Client::new(address), topic.to_owned());
        Self(thread::spawn(move || write(&client, &topic, &inputs, span)))
    }

    /// Waits until the broker has all.
    pub(crate) fn finish(self) {
        self.0.join().expect("the trace could be written");
    }
}

fn write(client: &Client, topic: &str, inputs: &[Input], span: Duration) {
    let feeder = client.producer();
    let begin = Instant::now();
    let steps = u32::try_from(inputs.len().div_ceil(STEP)).expect("a trace that fits into memory").max(1);
    for (step, records) in (0..).zip(inputs.chunks(STEP)) {
        let due = begin + span * step / steps;
        wait::pass(due.saturating_duration_since(Instant::now()));
        for input in records {
            feeder.send(topic, input);
        }
    }
    feeder.flush();
}

/// What `wardline scan` says of the trace, with the site's rules: flags as JSON Lines.
pub(crate) fn scan(site: &Site, trace: &Trace) -> String {
    let mut command = site.command(&["scan", "--rules", "rules"]);
    for (partition, bytes) in trace.files() {
        let name = format!("p{partition}.jsonl");
        fs::write(site.path(&name), bytes).expect("the site's directory is writable");
        command.arg(name);
    }
    process::run("wardline scan", &mut command)
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970")
}
