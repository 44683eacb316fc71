//! State over crashes and rebalances, on a real broker: it ends as that of a run that never stopped.
//!
//! The stage here counts the records of each key and keeps the counts as windows. Every record must have been counted
//! once, whatever was aborted, whoever died, and wherever its partition went.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use super::broker::{Broker, Client, Input};
use super::kafka_worker::{self, Stops, Watcher, shared};
use super::wait;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use wardline::clock::now_ms;
use wardline::event::Record;
use wardline::kafka::{self, Settings};
use wardline::worker::commit::CommitPolicy;
use wardline::worker::run::{Observer, Seat, Stage, run};
use wardline::worker::stats::BatchStats;
use wardline::worker::{Chunk, Failure, Kept, Message, Topic};

const LIMIT: Duration = Duration::from_mins(1);
const PARTITIONS: i32 = 4;
const KEYS: usize = 20;

/// What goes wrong in a batch, counted from 0 over all workers of a test.
type Trouble<'a> = &'a (dyn Fn(usize) -> Option<Failure> + Sync);

/// Counts by partition and key.
struct Counting<'a> {
    counts: BTreeMap<(i32, Vec<u8>), u64>,
    /// What changed since the last commit, with what it was.
    before: BTreeMap<(i32, Vec<u8>), Option<u64>>,
    batches: &'a AtomicUsize,
    trouble: Trouble<'a>,
}

impl Stage for Counting<'_> {
    fn run(
        &mut self,
        records: &[Record<'_>],
        _: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        for record in records {
            let place = (record.partition, record.key.expect("hits have keys").to_vec());
            let count = self.counts.get(&place).copied();
            self.before.entry(place.clone()).or_insert(count);
            self.counts.insert(place, count.unwrap_or(0) + 1);
            if record.offset % 100 == 0 {
                let body = Some(&b"a flag"[..]);
                send(Message { topic: Topic::Review, key: None, partition: None, headers: &[], body })?;
            }
        }
        let failure = (self.trouble)(self.batches.fetch_add(1, Ordering::SeqCst));
        failure.map_or_else(|| Ok(BatchStats { records: records.len() as u64, ..BatchStats::default() }), Err)
    }

    fn pending(&self) -> bool {
        !self.before.is_empty()
    }

    fn flush(&mut self, send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        self.before.keys().try_for_each(|place| {
            let (partition, count) = (Some(place.0), self.counts[place].to_string());
            let (key, body) = (Some(place.1.as_slice()), Some(count.as_bytes()));
            send(Message { topic: Topic::Windows, key, partition, headers: &[], body })
        })
    }

    fn committed(&mut self) {
        self.before.clear();
    }

    fn aborted(&mut self) {
        for (place, count) in std::mem::take(&mut self.before) {
            match count {
                Some(count) => drop(self.counts.insert(place, count)),
                None => drop(self.counts.remove(&place)),
            }
        }
    }

    fn restore(&mut self, kept: &Chunk) -> Result<(), Failure> {
        for Kept { partition, key, value } in kept.iter() {
            self.counts.insert((partition, key.to_vec()), number(value));
        }
        Ok(())
    }

    fn forget(&mut self, partition: i32) {
        self.counts.retain(|(of, _), _| *of != partition);
        assert!(self.before.keys().all(|(of, _)| *of != partition), "it goes with nothing open");
    }
}

fn number(value: Option<&[u8]>) -> u64 {
    let text = str::from_utf8(value.expect("no count goes")).expect("the test's own");
    text.parse().expect("a count")
}

/// Runs a worker until it ends or `meanwhile` has; yields how it ended.
fn work_while(
    settings: &Settings,
    batches: &AtomicUsize,
    trouble: Trouble<'_>,
    meanwhile: impl FnOnce(),
) -> Result<(), Failure> {
    let (stop, watcher) = (AtomicBool::new(false), Arc::new(Watcher::default()));
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let shared = shared(settings, Arc::clone(&watcher) as Arc<dyn Observer>);
            let (mut input, mut output) = kafka::join(&shared)?;
            let (counts, before) = (BTreeMap::new(), BTreeMap::new());
            let mut stage = Counting { counts, before, batches, trouble };
            let (policy, pause) = (CommitPolicy::default(), Duration::from_millis(10));
            let seat = Seat { slot: 0, policy, pause, clock: now_ms, stop: &stop, observer: &*watcher };
            run(&mut input, &mut stage, &mut output, seat)?;
            drop(output);
            input.close();
            Ok(())
        });
        {
            // Also if it panics: the scope waits for the worker.
            let _stops = Stops(&stop);
            meanwhile();
        }
        worker.join().expect("the worker does not panic")
    })
}

fn hits(client: &Client, settings: &Settings, count: usize) {
    let input = |number: usize, partition| {
        let key = Some(format!("key-{}", number % KEYS).into_bytes());
        Input { partition, key, payload: Some(b"a hit".to_vec()), ..Input::default() }
    };
    let inputs = (0..count).flat_map(|number| (0..PARTITIONS).map(move |partition| input(number, partition)));
    client.produce(&settings.topics.input, &inputs.collect::<Vec<_>>());
}

#[test]
fn every_hit_is_counted_once_over_crashes_and_rebalances() {
    let broker = Broker::shared();
    let client = broker.client();
    let name = "kafka-state";
    let settings = kafka_worker::settings(&broker.address(), name).correlating(name.to_owned());
    kafka_worker::create(&client, &settings, PARTITIONS);
    client.create_topic(&settings.topics.windows, PARTITIONS, &[("cleanup.policy", "compact")]);
    let (batches, total) = (AtomicUsize::new(0), 3 * 1_000);
    hits(&client, &settings, 1_000);

    // Some batches fail, and each of three workers dies with a transaction open.
    let again = |batch| (batch % 5 == 3).then(|| Failure::rewind("as the test wants it"));
    for death in 1..=3 {
        let dies = move |batch| (batch == 11 * death).then(|| Failure::stop("the end that the test wants"));
        let trouble = |batch| dies(batch).or_else(|| again(batch));
        let ended = || wait::until_true("its end", LIMIT, || batches.load(Ordering::SeqCst) > 11 * death);
        let end = work_while(&settings, &batches, &trouble, ended);
        assert_eq!(end.expect_err("it dies").message, "the end that the test wants");
    }
    let mut guest = settings.clone();
    (guest.instance, guest.leave_on_stop) = ("guest".to_owned(), true);
    let end = work_while(&settings, &batches, &again, || {
        for _ in 0..2 {
            let shares = || {
                client.await_members(&settings.group, 2, LIMIT);
                hits(&client, &settings, 1_000);
                client.await_consumed(&settings.group, &settings.topics.input, LIMIT);
            };
            let end = work_while(&guest, &batches, &again, shares);
            assert!(end.is_ok(), "{end:?}");
        }
    });
    assert!(end.is_ok(), "{end:?}");

    let records = client.read(&settings.topics.windows).into_iter();
    let last: BTreeMap<(i32, Vec<u8>), u64> = records
        .map(|record| ((record.partition, record.key.expect("a key")), number(record.payload.as_deref())))
        .collect();
    assert_eq!(last.len(), KEYS * PARTITIONS.unsigned_abs() as usize);
    let each = u64::try_from(total / KEYS).expect("a small number");
    let wrong: Vec<_> = last.iter().filter(|(_, count)| **count != each).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
