//! Source, sink and loop on the embedded broker, for what it can show: assignment, at-least-once, resuming.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use super::kafka_worker::{Watcher, settings, smoothly, work_while};
use super::wait;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wardline::kafka::embedded::Embedded;
use wardline::kafka::viewer::Viewer;

const LIMIT: Duration = Duration::from_mins(1);
const PARTITIONS: i32 = 2;

/// By place, how often it was flagged, once there are `places` and no more come.
fn ledger(viewer: &Viewer, places: usize) -> BTreeMap<String, usize> {
    let mut ledger = BTreeMap::<String, usize>::new();
    wait::until("all places", LIMIT, || {
        let mut note = |_: &str, place: &[u8]| {
            *ledger.entry(String::from_utf8_lossy(place).into_owned()).or_default() += 1;
        };
        while viewer.next(Duration::from_millis(500), &mut note).expect("the topic can be read") {}
        if ledger.len() < places { Err(format!("{} places", ledger.len())) } else { Ok(()) }
    });
    ledger
}

#[test]
fn a_restart_resumes_where_the_last_commit_was() {
    let topics = [("embedded.in", PARTITIONS), ("embedded.flags", 1)];
    let broker = Embedded::start(&topics).expect("it starts");
    let mut settings = settings(broker.brokers(), "embedded");
    broker.suit(&mut settings);
    for round in 1..=3_u64 {
        for index in 0..1_000_u32 {
            broker.send("embedded.in", Some(&index.to_be_bytes()), b"{}").expect("it is taken");
        }
        broker.flush().expect("it arrives");
        let watcher = Arc::new(Watcher::default());
        let all = || wait::until_true("the records of a round", LIMIT, || watcher.records() == 1_000);
        let ((), end) = work_while(&settings, &watcher, &smoothly, all);
        assert!(end.is_ok(), "round {round}: {end:?}");
    }
    let viewer = Viewer::open(broker.brokers(), &topics[1..]).expect("it is open");
    let ledger = ledger(&viewer, 3_000);
    assert_eq!((ledger.len(), ledger.values().max()), (3_000, Some(&1)), "places, and the most of one");
}
