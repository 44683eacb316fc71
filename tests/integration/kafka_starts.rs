//! Where a worker begins to read, on a real broker: committed, configured, gone, held back.
//!
//! A wrong start is what no transaction protects against: it skips records, or reads them twice.

#![expect(clippy::disallowed_methods, reason = "a test fails by panicking, and times an end")]

use super::broker::{Broker, Input};
use super::kafka_worker::{
    Watcher, await_consumed, create, fill, ledger, settings, shared, smoothly, work, work_while,
};
use super::wait;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use wardline::kafka::settings::{OutOfRange, Start};
use wardline::kafka::{self, Settings};
use wardline::worker::Source;
use wardline::worker::run::Unobserved;

const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn where_a_partition_begins() {
    let broker = Broker::shared();
    let client = broker.client();
    let base = settings(&broker.address(), "kafka-start");
    create(&client, &base, 1);
    let at = |millis| Input { payload: Some(b"{}".to_vec()), timestamp: Some(millis), ..Input::default() };
    let times = 1_700_000_000_000..1_700_000_000_010;
    client.produce(&base.topics.input, &times.map(at).collect::<Vec<_>>());
    let cases = [
        ("earliest", Start::Earliest, 0),
        ("latest", Start::Latest, 10),
        ("time", Start::Time(1_700_000_000_004), 4),
        ("before-all", Start::Time(0), 0),
        ("after-all", Start::Time(4_000_000_000_000), 10),
    ];
    for (name, start, expected) in cases {
        let settings = Settings { group: format!("kafka-start-{name}"), start, ..base.clone() };
        let watcher = Arc::new(Watcher::default());
        let assigned = || wait::until_true("an assignment", LIMIT, || !watcher.starts().is_empty());
        let ((), end) = work_while(&settings, &watcher, &smoothly, assigned);
        assert!(end.is_ok(), "{name}: {end:?}");
        assert_eq!(watcher.starts(), BTreeMap::from([(0, expected)]), "{name}");
    }
}

#[test]
fn an_offset_that_is_gone_ends_the_worker_or_is_told() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut settings = settings(&broker.address(), "kafka-range");
    create(&client, &settings, 2);
    fill(&client, &settings, 2, 100);
    let watcher = Arc::new(Watcher::default());
    let ((), end) = work_while(&settings, &watcher, &smoothly, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    fill(&client, &settings, 2, 100);
    client.delete_before(&settings.topics.input, 1, 150);

    let end = work(&settings, &watcher, &AtomicBool::new(false), &smoothly);
    let message = end.expect_err("it ends").message;
    assert!(message.contains("kafka-range.in[1] does not exist any more"), "{message}");

    settings.out_of_range = OutOfRange::Continue;
    let watcher = Arc::new(Watcher::default());
    let ((), end) = work_while(&settings, &watcher, &smoothly, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(*watcher.gaps.lock().expect("not poisoned"), [1]);
    assert_eq!(watcher.starts()[&1], 150);
    let ledger = ledger(&client, &settings);
    assert!(ledger.values().all(|times| *times == 1));
    assert_eq!(ledger.len(), 200 + 150);
}

/// "The latest" is another offset at every start. What it was at the first one is committed, so that what arrives
/// while nobody runs is read.
#[test]
fn what_arrives_between_two_starts_from_the_latest_is_read() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = Settings { start: Start::Latest, ..settings(&broker.address(), "kafka-latest") };
    create(&client, &settings, 2);
    fill(&client, &settings, 2, 5);
    let watcher = Arc::new(Watcher::default());
    let pinned = || {
        wait::until("the start to be committed", LIMIT, || {
            let committed = client.committed(&settings.group, &settings.topics.input)?;
            if committed == BTreeMap::from([(0, 5), (1, 5)]) { Ok(()) } else { Err(format!("{committed:?}")) }
        });
    };
    let ((), end) = work_while(&settings, &watcher, &smoothly, pinned);
    assert!(end.is_ok(), "{end:?}");
    fill(&client, &settings, 2, 3);
    let ((), end) = work_while(&settings, &watcher, &smoothly, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    let read: Vec<_> = ledger(&client, &settings).into_keys().collect();
    assert_eq!(read, ["0@5", "0@6", "0@7", "1@5", "1@6", "1@7"]);
}

/// Nobody but the operator can say what is to be read again of a log that was cut.
#[test]
fn a_committed_offset_beyond_the_end_ends_the_worker_whatever_is_configured() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut settings = settings(&broker.address(), "kafka-beyond");
    settings.out_of_range = OutOfRange::Continue;
    create(&client, &settings, 1);
    fill(&client, &settings, 1, 10);
    client.hold_offsets(&settings.group, &settings.topics.input, &[(0, 500)]).commit();
    let watcher = Arc::new(Watcher::default());
    let end = work(&settings, &watcher, &AtomicBool::new(false), &smoothly);
    let message = end.expect_err("it ends").message;
    assert!(message.contains("500") && message.contains("beyond its end 10"), "{message}");
    assert!(ledger(&client, &settings).is_empty());
}

/// Offsets that an open transaction holds back are waited for, holding up neither other partitions nor a stop.
#[test]
fn offsets_that_a_transaction_holds_back_are_waited_for() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker.address(), "kafka-held");
    create(&client, &settings, 2);
    fill(&client, &settings, 2, 10);
    let holder = client.hold_offsets(&settings.group, &settings.topics.input, &[(1, 4)]);

    let watcher = Arc::new(Watcher::default());
    let others = || {
        wait::until_true("the other partition's records", LIMIT, || ledger(&client, &settings).len() == 10);
        // Longer than an attempt, so that several of them are in vain.
        wait::pass(Duration::from_secs(3));
        fill(&client, &settings, 1, 10);
        wait::until_true("what came meanwhile", LIMIT, || ledger(&client, &settings).len() == 20);
    };
    let ((), end) = work_while(&settings, &watcher, &smoothly, others);
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(watcher.starts(), BTreeMap::from([(0, 0)]), "began before it could know where");

    let told_to_stop = Instant::now();
    let ((), end) = work_while(&settings, &watcher, &smoothly, || ());
    assert!(end.is_ok(), "{end:?}");
    let took = told_to_stop.elapsed();
    assert!(took < Duration::from_secs(10), "a stop took {took:?}");

    let resumes = || {
        wait::pass(Duration::from_secs(1));
        holder.commit();
        await_consumed(&client, &settings);
    };
    let ((), end) = work_while(&settings, &watcher, &smoothly, resumes);
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(watcher.starts(), BTreeMap::from([(0, 20), (1, 4)]));
    let ledger = ledger(&client, &settings);
    assert_eq!((ledger.len(), ledger.values().max()), (26, Some(&1)));
}

/// A partition that cannot be sought in is let go and begun anew, and its records arrive where the worker looks.
#[test]
fn a_partition_that_is_begun_anew_at_once_is_read() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker.address(), "kafka-anew");
    create(&client, &settings, 1);
    fill(&client, &settings, 1, 200);
    let (mut input, output) =
        kafka::join(&shared(&settings, Arc::new(Unobserved))).expect("the broker is there");
    let mut first = None;
    let mut read_from = |input: &mut kafka::Input, expected: i64| {
        wait::until("the record at which it begins", LIMIT, || {
            let taken = input.poll(Duration::from_millis(20), &mut |records| first = Some(records[0].offset));
            taken.expect("nothing fails");
            match first.take() {
                Some(offset) if offset == expected => Ok(()),
                other => Err(format!("{other:?} instead of {expected}")),
            }
        });
    };
    read_from(&mut input, 0);
    for offset in (0..150).step_by(3) {
        input.release(&[0]).expect("it is let go");
        input.rewind(&[(0, offset)]).expect("it begins anew");
        read_from(&mut input, offset);
    }
    drop(output);
    input.close();
}
