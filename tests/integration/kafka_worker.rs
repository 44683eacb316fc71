//! Source, sink and loop on a real broker: exactly once through aborts, rewinds, rebalances and restarts.
//!
//! The stage here sends one message for every record, its place as the key, and fails where a test wants
//! it to. So the output topic is a ledger: each input must be on it exactly once.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "a test fails by panicking, and says why")]

use super::broker::{Broker, Client, Input};
use super::wait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use wardline::clock::now_ms;
use wardline::event::Record;
use wardline::kafka::settings::{Delivery, NewTopics, OutOfRange, Role, Start, Topics};
use wardline::kafka::topics::{self, Needs};
use wardline::kafka::{self, Settings, Shared, Watchdog};
use wardline::worker::commit::CommitPolicy;
use wardline::worker::run::{Cause, Observer, Seat, Stage, run};
use wardline::worker::stats::BatchStats;
use wardline::worker::{Change, Failure, Message, Topic};

const LIMIT: Duration = Duration::from_mins(1);

/// Topics and group of one test.
pub(crate) fn settings(address: &str, name: &str) -> Settings {
    Settings {
        brokers: vec![address.to_owned()],
        role: Role::Match,
        group: name.to_owned(),
        instance: "one".to_owned(),
        delivery: Delivery::ExactlyOnce,
        start: Start::Earliest,
        out_of_range: OutOfRange::Fail,
        static_members: true,
        leave_on_stop: false,
        session_timeout: Duration::from_secs(6),
        transaction_timeout: Duration::from_secs(30),
        message_timeout: Duration::from_secs(28),
        request_timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(30),
        watchdog: Duration::from_secs(45),
        batch: 100,
        max_message: 900_000,
        max_windows: 950_000,
        topics: Topics {
            input: format!("{name}.in"),
            flags: format!("{name}.flags"),
            shadow: format!("{name}.shadow"),
            dead_letters: format!("{name}.dead"),
            hits: format!("{name}.hits"),
            windows: format!("{name}.windows"),
        },
        hits: true,
        create: None,
        properties: BTreeMap::new(),
        consumer_properties: BTreeMap::new(),
        producer_properties: BTreeMap::new(),
    }
}

pub(crate) fn create(client: &Client, settings: &Settings, partitions: i32) {
    client.create_topic(&settings.topics.input, partitions, &[]);
    client.create_topic(&settings.topics.flags, 2, &[]);
}

/// Writes `count` records to each partition.
pub(crate) fn fill(client: &Client, settings: &Settings, partitions: i32, count: usize) {
    let input = |partition| Input { partition, payload: Some(b"{}".to_vec()), ..Input::default() };
    let inputs: Vec<Input> = (0..partitions).flat_map(|p| std::iter::repeat_n(input(p), count)).collect();
    client.produce(&settings.topics.input, &inputs);
}

/// The ledger: by place, how often it was flagged, as a read-committed reader sees it.
pub(crate) fn ledger(client: &Client, settings: &Settings) -> BTreeMap<String, usize> {
    let mut ledger = BTreeMap::new();
    for record in client.read(&settings.topics.flags) {
        let key = String::from_utf8(record.key.expect("a key")).expect("a place");
        *ledger.entry(key).or_default() += 1;
    }
    ledger
}

pub(crate) fn assert_each_once(client: &Client, settings: &Settings, partitions: i32, count: usize) {
    let places = (0..partitions).flat_map(|p| (0..count).map(move |offset| format!("{p}@{offset}")));
    let expected: BTreeSet<String> = places.collect();
    let ledger = ledger(client, settings);
    let doubled = ledger.values().filter(|times| **times > 1).count();
    let lost = expected.iter().filter(|place| !ledger.contains_key(*place)).count();
    assert_eq!((lost, doubled, ledger.len()), (0, 0, expected.len()), "lost, doubled, all");
}

/// Sends each record's place; before the batches that `trouble` names, counted from 0, it fails half-way.
struct Ledger<'a> {
    trouble: &'a dyn Fn(usize) -> Option<Failure>,
    batches: usize,
}

impl Stage for Ledger<'_> {
    fn run(
        &mut self,
        records: &[Record<'_>],
        _: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        let failure = (self.trouble)(self.batches);
        self.batches += 1;
        let taken = if failure.is_some() { records.len().div_ceil(2) } else { records.len() };
        for record in &records[..taken] {
            let key = format!("{}@{}", record.partition, record.offset);
            send(Message {
                topic: Topic::Review,
                key: Some(key.as_bytes()),
                partition: None,
                headers: &[],
                body: Some(key.as_bytes()),
            })?;
        }
        failure.map_or_else(|| Ok(BatchStats { records: taken as u64, ..BatchStats::default() }), Err)
    }
}

/// Counts what workers tell.
#[derive(Default)]
pub(crate) struct Watcher {
    records: AtomicU64,
    commits: AtomicUsize,
    /// What the slowest of them took.
    slowest_ms: AtomicU64,
    aborts: AtomicUsize,
    changes: Mutex<Vec<Change>>,
    pub(crate) owned: AtomicUsize,
    pub(crate) restored: AtomicU64,
    lag: Mutex<BTreeMap<i32, i64>>,
    pub(crate) gaps: Mutex<Vec<i32>>,
}

impl Observer for Watcher {
    fn done(&self, _: usize, stats: &BatchStats) {
        self.records.fetch_add(stats.records, Ordering::SeqCst);
    }

    fn committed(&self, _: usize, _: bool, took: Duration) {
        self.commits.fetch_add(1, Ordering::SeqCst);
        let took = took.as_millis().try_into().expect("no eternity");
        self.slowest_ms.fetch_max(took, Ordering::SeqCst);
    }

    fn aborted(&self, _: usize, cause: Cause, error: &str) {
        eprintln!("aborted ({cause:?}): {error}");
        self.aborts.fetch_add(1, Ordering::SeqCst);
    }

    fn changed(&self, _: usize, change: &Change, owned: usize) {
        self.owned.store(owned, Ordering::SeqCst);
        self.changes.lock().expect("not poisoned").push(change.clone());
    }

    fn restoring(&self, _: usize, _: usize, records: u64) {
        self.restored.fetch_add(records, Ordering::SeqCst);
    }

    fn report(&self, _: usize, lag: &[(i32, i64)], _: Duration) {
        self.lag.lock().expect("not poisoned").extend(lag.iter().copied());
    }

    fn out_of_range(&self, _: usize, partition: i32, _: &str) {
        self.gaps.lock().expect("not poisoned").push(partition);
    }
}

impl Watcher {
    pub(crate) fn records(&self) -> u64 {
        self.records.load(Ordering::SeqCst)
    }

    pub(crate) fn starts(&self) -> BTreeMap<i32, i64> {
        let changes = self.changes.lock().expect("not poisoned");
        let assigned = changes.iter().filter_map(|change| match change {
            Change::Assigned(starts) => Some(starts.clone()),
            _ => None,
        });
        assigned.flatten().map(|start| (start.partition, start.offset)).collect()
    }
}

/// What a worker's clients share.
pub(crate) fn shared(settings: &Settings, observer: Arc<dyn Observer>) -> Shared {
    Shared {
        settings: Arc::new(settings.clone()),
        slot: 0,
        number: 0,
        watchdog: Watchdog::start(settings.watchdog, |call, taken| panic!("{call} took {taken:?}")),
        observer,
        stop: Arc::default(),
    }
}

/// Runs one worker until it is told to stop, and closes it.
pub(crate) fn work(
    settings: &Settings,
    watcher: &Arc<Watcher>,
    stop: &AtomicBool,
    trouble: &dyn Fn(usize) -> Option<Failure>,
) -> Result<(), Failure> {
    let shared = shared(settings, Arc::clone(watcher) as Arc<dyn Observer>);
    let (mut input, mut output) = kafka::join(&shared)?;
    let mut stage = Ledger { trouble, batches: 0 };
    let pause = Duration::from_millis(10);
    let policy = CommitPolicy::default();
    let seat = Seat { slot: 0, policy, pause, clock: now_ms, stop, observer: &**watcher };
    run(&mut input, &mut stage, &mut output, seat)?;
    drop(output);
    input.close();
    Ok(())
}

/// Tells a worker to stop when dropped.
pub(crate) struct Stops<'a>(pub(crate) &'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs a worker while `meanwhile` runs, then stops it.
pub(crate) fn work_while<T>(
    settings: &Settings,
    watcher: &Arc<Watcher>,
    trouble: &(dyn Fn(usize) -> Option<Failure> + Sync),
    meanwhile: impl FnOnce() -> T,
) -> (T, Result<(), Failure>) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let end = work(settings, watcher, &stop, trouble);
            // Said at once: whoever waits for its work otherwise waits in vain and in silence.
            end.inspect_err(|failure| eprintln!("the worker of {} ends: {failure}", settings.group))
        });
        let result = {
            // Also if it panics: the scope waits for the worker.
            let _stops = Stops(&stop);
            meanwhile()
        };
        (result, worker.join().expect("the worker does not panic"))
    })
}

pub(crate) const fn smoothly(_: usize) -> Option<Failure> {
    None
}

pub(crate) fn await_consumed(client: &Client, settings: &Settings) {
    client.await_consumed(&settings.group, &settings.topics.input, LIMIT);
}

#[test]
fn aborted_batches_are_read_again_and_flagged_once() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker.address(), "kafka-aborts");
    create(&client, &settings, 3);
    fill(&client, &settings, 3, 2_000);
    let watcher = Arc::new(Watcher::default());
    let trouble = |batch| (batch % 5 == 3).then(|| Failure::rewind("as the test wants it"));
    let ((), end) = work_while(&settings, &watcher, &trouble, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    assert!(watcher.aborts.load(Ordering::SeqCst) >= 10, "{:?} aborts", watcher.aborts);
    assert_each_once(&client, &settings, 3, 2_000);
}

#[test]
fn a_commit_waits_for_no_linger() {
    let broker = Broker::shared();
    let client = broker.client();
    for delivery in [Delivery::ExactlyOnce, Delivery::AtLeastOnce] {
        let mut settings = settings(&broker.address(), &format!("kafka-linger-{delivery:?}").to_lowercase());
        settings.delivery = delivery;
        settings.producer_properties.insert("linger.ms".to_owned(), "20000".to_owned());
        create(&client, &settings, 2);
        fill(&client, &settings, 2, 100);
        let watcher = Arc::new(Watcher::default());
        let ((), end) = work_while(&settings, &watcher, &smoothly, || await_consumed(&client, &settings));
        assert!(end.is_ok(), "{end:?}");
        let slowest = watcher.slowest_ms.load(Ordering::SeqCst);
        assert!(slowest < 15_000, "{delivery:?}: {slowest} ms");
        assert_each_once(&client, &settings, 2, 100);
    }
}

#[test]
fn a_dead_producers_transaction_is_ended_and_its_records_read_again() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut settings = settings(&broker.address(), "kafka-dead");
    // So that the broker has some of them.
    settings.producer_properties.insert("linger.ms".to_owned(), "0".to_owned());
    create(&client, &settings, 2);
    fill(&client, &settings, 2, 1_000);
    let watcher = Arc::new(Watcher::default());
    // Ends with messages sent and not committed, as a crash would.
    let dies = |batch| (batch == 4).then(|| Failure::stop("as the test wants it"));
    let end = work(&settings, &watcher, &AtomicBool::new(false), &dies);
    assert_eq!(end.expect_err("it ends").message, "as the test wants it");
    let ((), end) = work_while(&settings, &watcher, &smoothly, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    assert_each_once(&client, &settings, 2, 1_000);
}

#[test]
fn a_stopped_member_stays_and_its_restart_rebalances_nothing() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker.address(), "kafka-restart");
    create(&client, &settings, 2);
    fill(&client, &settings, 2, 300);
    let watcher = Arc::new(Watcher::default());
    let ((), end) = work_while(&settings, &watcher, &smoothly, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    let before = client.generation(&settings.group);
    fill(&client, &settings, 2, 300);
    let ((), end) = work_while(&settings, &watcher, &smoothly, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(client.generation(&settings.group), before);
    assert_each_once(&client, &settings, 2, 600);
}

#[test]
fn a_member_leaves_if_the_settings_want_it() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut settings = settings(&broker.address(), "kafka-leave");
    // Much longer than the test waits: only leaving empties the group.
    settings.session_timeout = Duration::from_secs(30);
    create(&client, &settings, 2);
    fill(&client, &settings, 2, 100);
    for (leave, members) in [(false, 1), (true, 0)] {
        settings.leave_on_stop = leave;
        let watcher = Arc::new(Watcher::default());
        let taken = || wait::until_true("an assignment", LIMIT, || watcher.starts().len() == 2);
        let ((), end) = work_while(&settings, &watcher, &smoothly, taken);
        assert!(end.is_ok(), "{end:?}");
        let left = client.members(&settings.group);
        // A group that everybody has left is no stable one any more.
        let left = left.map_or_else(
            |error| if error.ends_with("Empty") { 0 } else { panic!("{error}") },
            |left| left.len(),
        );
        assert_eq!(left, members, "leave: {leave}");
    }
    assert_each_once(&client, &settings, 2, 100);
}

#[test]
fn members_come_and_go_and_nothing_is_lost_or_doubled() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker.address(), "kafka-group");
    create(&client, &settings, 4);
    let mut second = settings.clone();
    second.instance = "two".to_owned();
    second.leave_on_stop = true;
    fill(&client, &settings, 4, 3_000);
    let one = Arc::new(Watcher::default());
    let trouble = |batch| (batch % 20 == 9).then(|| Failure::rewind("as the test wants it"));
    let meanwhile = || {
        for _ in 1..=3 {
            let two = Arc::new(Watcher::default());
            let shares = || {
                wait::until("its share", LIMIT, || match two.owned.load(Ordering::SeqCst) {
                    2 => Ok(()),
                    owned => Err(format!("{owned} partitions")),
                });
                fill(&client, &settings, 4, 500);
                wait::until_true("its share of the work", LIMIT, || two.records() > 500);
            };
            let ((), end) = work_while(&second, &two, &trouble, shares);
            assert!(end.is_ok(), "{end:?}");
            client.await_members(&settings.group, 1, LIMIT);
        }
        await_consumed(&client, &settings);
    };
    let ((), end) = work_while(&settings, &one, &trouble, meanwhile);
    assert!(end.is_ok(), "{end:?}");
    assert_each_once(&client, &settings, 4, 4_500);
}

#[test]
fn a_second_process_of_the_same_name_ends_the_first() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker.address(), "kafka-fence");
    create(&client, &settings, 1);
    fill(&client, &settings, 1, 50);
    let (one, two) = (Arc::new(Watcher::default()), Arc::new(Watcher::default()));
    let takes_over = || {
        await_consumed(&client, &settings);
        let ((), end) = work_while(&settings, &two, &smoothly, || {
            fill(&client, &settings, 1, 50);
            await_consumed(&client, &settings);
        });
        assert!(end.is_ok(), "{end:?}");
        // The first still has to notice: by its next heartbeat, or by its next transaction.
        fill(&client, &settings, 1, 50);
    };
    let stop = AtomicBool::new(false);
    let end = thread::scope(|scope| {
        let first = scope.spawn(|| work(&settings, &one, &stop, &smoothly));
        let _stops = Stops(&stop);
        takes_over();
        wait::until_true("the first to end by itself", LIMIT, || first.is_finished());
        first.join().expect("the worker does not panic")
    });
    let message = end.expect_err("the first ends by itself").message;
    assert!(message.contains("kafka.instance"), "{message}");
    let ((), end) = work_while(&settings, &two, &smoothly, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    assert_each_once(&client, &settings, 1, 150);
}

#[test]
fn at_least_once_commits_what_is_acknowledged() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut settings = settings(&broker.address(), "kafka-alo");
    settings.delivery = Delivery::AtLeastOnce;
    create(&client, &settings, 2);
    fill(&client, &settings, 2, 1_000);
    let watcher = Arc::new(Watcher::default());
    let trouble = |batch| (batch % 7 == 3).then(|| Failure::rewind("as the test wants it"));
    let ((), end) = work_while(&settings, &watcher, &trouble, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(ledger(&client, &settings).len(), 2_000, "nothing is lost");
    // And without trouble nothing is doubled either, over a restart.
    fill(&client, &settings, 2, 500);
    let ((), end) = work_while(&settings, &watcher, &smoothly, || await_consumed(&client, &settings));
    assert!(end.is_ok(), "{end:?}");
    let mut late = ledger(&client, &settings);
    late.retain(|place, _| {
        let (_, offset) = place.split_once('@').expect("a place");
        offset.parse::<usize>().expect("an offset") >= 1_000
    });
    assert_eq!((late.len(), late.values().max()), (1_000, Some(&1)));
}

#[test]
fn the_lag_is_told() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker.address(), "kafka-lag");
    create(&client, &settings, 2);
    fill(&client, &settings, 2, 20);
    let watcher = Arc::new(Watcher::default());
    let told = || {
        wait::until_true("the lag", LIMIT, || {
            let lag = watcher.lag.lock().expect("not poisoned");
            lag.len() == 2 && lag.values().all(|behind| *behind == 0)
        });
    };
    let ((), end) = work_while(&settings, &watcher, &smoothly, told);
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(watcher.records(), 40);
}

#[test]
fn topics_are_checked_and_created() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut settings = settings(&broker.address(), "kafka-topics");
    let names = ["in", "flags", "shadow", "dead"].map(|name| format!("kafka-topics.{name}"));
    let message = topics::check(&settings, Needs::matching(false)).expect_err("there is none").message;
    for name in &names {
        assert!(message.contains(&format!("topic {name} does not exist")), "{message}");
    }
    settings.create = Some(NewTopics { partitions: Some(3), replication: None });
    let report = topics::check(&settings, Needs::matching(false)).expect("they are created");
    assert_eq!((report.input_partitions, report.created), (3, names.to_vec()));
    assert_eq!(topics::check(&settings, Needs::matching(false)).expect("they are there").created, [""; 0]);
    assert_eq!(client.partitions(&names[1]).expect("it is there").len(), 3);

    let narrow = "kafka-topics.narrow";
    client.create_topic(narrow, 1, &[("max.message.bytes", "1000")]);
    let strict = "kafka-topics.strict";
    client.create_topic(strict, 1, &[("min.insync.replicas", "2")]);
    settings.topics.flags = narrow.to_owned();
    settings.topics.shadow = strict.to_owned();
    let message =
        topics::check(&settings, Needs::matching(false)).expect_err("two cannot be written").message;
    assert!(message.contains("topic kafka-topics.narrow takes messages of at most 1000 bytes"), "{message}");
    assert!(message.contains("topic kafka-topics.strict cannot be written"), "{message}");
}

#[test]
fn a_cluster_that_is_not_there_is_named() {
    let mut settings = settings("127.0.0.1:1", "kafka-nobody");
    settings.connect_timeout = Duration::from_secs(2);
    let message = topics::check(&settings, Needs::matching(false)).expect_err("nobody listens").message;
    assert!(message.contains("no broker of 127.0.0.1:1 can be used"), "{message}");
    assert!(message.contains("refused"), "{message}");
}
