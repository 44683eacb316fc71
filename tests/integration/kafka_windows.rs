//! What workers that correlate keep, on a real broker: its topics, and that it is whole before the first hit is given.
//!
//! The stage here writes down what it is given. Windows are written by the test, in transactions of its own.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a test fails by panicking, and writes files"
)]

use super::broker::{Broker, Client, Input, Transaction};
use super::kafka_worker::{self, Watcher, shared};
use super::{process, wait};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use wardline::clock::now_ms;
use wardline::correlate::GroupKey;
use wardline::event::Record;
use wardline::kafka::settings::NewTopics;
use wardline::kafka::topics::{self, Needs};
use wardline::kafka::{self, Settings};
use wardline::worker::commit::CommitPolicy;
use wardline::worker::run::{Observer, Seat, Stage, run};
use wardline::worker::stats::BatchStats;
use wardline::worker::{Chunk, Failure, Message, Sink as _, Topic};

const LIMIT: Duration = Duration::from_mins(1);

/// Settings of workers that correlate.
fn settings(broker: &Broker, name: &str) -> Settings {
    kafka_worker::settings(&broker.address(), name).correlating(name.to_owned())
}

fn create(client: &Client, settings: &Settings, partitions: i32) {
    kafka_worker::create(client, settings, partitions);
    client.create_topic(&settings.topics.windows, partitions, &[("cleanup.policy", "compact")]);
}

fn window(partition: i32, key: &str, value: Option<&str>) -> Input {
    let bytes = |text: &str| text.as_bytes().to_vec();
    Input { partition, key: Some(bytes(key)), payload: value.map(bytes), ..Input::default() }
}

/// What a stage was given.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Kept(i32, String, Option<String>),
    Hit(i32),
    Forget(i32),
}

/// Writes down what it is given, and takes a while for every chunk of what is kept.
#[derive(Clone, Default)]
struct Diary {
    given: Arc<Mutex<Vec<Given>>>,
    pause: Duration,
}

impl Diary {
    fn given(&self) -> Vec<Given> {
        self.given.lock().expect("not poisoned").clone()
    }

    fn has(&self, given: &Given) -> bool {
        self.given.lock().expect("not poisoned").contains(given)
    }

    fn kept(&self) -> usize {
        let given = self.given.lock().expect("not poisoned");
        given.iter().filter(|given| matches!(given, Given::Kept(..))).count()
    }

    /// What is known of a partition when its first hit is given.
    fn at_first_hit(&self, partition: i32) -> BTreeMap<String, String> {
        let given = self.given();
        let first = given.iter().position(|given| *given == Given::Hit(partition)).expect("a hit");
        let mut known = BTreeMap::new();
        for given in &given[..first] {
            match given {
                Given::Kept(of, key, Some(value)) if *of == partition => {
                    known.insert(key.clone(), value.clone());
                }
                Given::Kept(of, key, None) if *of == partition => drop(known.remove(key)),
                Given::Forget(of) if *of == partition => known.clear(),
                _ => {}
            }
        }
        known
    }
}

impl Stage for Diary {
    fn run(
        &mut self,
        records: &[Record<'_>],
        _: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        for record in records {
            self.given.lock().expect("not poisoned").push(Given::Hit(record.partition));
            let key = format!("{}@{}", record.partition, record.offset);
            let (topic, key) = (Topic::Review, Some(key.as_bytes()));
            send(Message { topic, key, partition: None, headers: &[], body: key })?;
        }
        Ok(BatchStats { records: records.len() as u64, ..BatchStats::default() })
    }

    fn restore(&mut self, kept: &Chunk) -> Result<(), Failure> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the test's own");
        let given = kept.iter().map(|kept| Given::Kept(kept.partition, text(kept.key), kept.value.map(text)));
        self.given.lock().expect("not poisoned").extend(given);
        wait::pass(self.pause);
        Ok(())
    }

    fn forget(&mut self, partition: i32) {
        self.given.lock().expect("not poisoned").push(Given::Forget(partition));
    }
}

/// Runs a worker while `meanwhile` runs, then stops it; it must end well.
fn work_while<T>(
    settings: &Settings,
    watcher: &Arc<Watcher>,
    diary: &Diary,
    meanwhile: impl FnOnce() -> T,
) -> T {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let shared = shared(settings, Arc::clone(watcher) as Arc<dyn Observer>);
            let (mut input, mut output) = kafka::join(&shared).expect("it joins");
            let (policy, pause) = (CommitPolicy::default(), Duration::from_millis(10));
            let seat = Seat { slot: 0, policy, pause, clock: now_ms, stop: &stop, observer: &**watcher };
            run(&mut input, &mut diary.clone(), &mut output, seat).expect("it ends well");
            drop(output);
            input.close();
        });
        let done = {
            // Also if it panics: the scope waits for the worker.
            let _stops = kafka_worker::Stops(&stop);
            meanwhile()
        };
        worker.join().expect("the worker does not panic");
        done
    })
}

fn hits(client: &Client, settings: &Settings, partitions: i32, count: usize) {
    kafka_worker::fill(client, settings, partitions, count);
}

/// By key, so that partitions are compared and not merely counted. The console's keys are texts in lines, so that of group keys those are
/// left out that would break one.
#[test]
fn hits_lie_where_kafkas_own_client_puts_their_keys() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker, "kafka-keys");
    create(&client, &settings, 7);
    let texts = (0..60).map(|length| "kéy-🔑-of-a-hit".chars().cycle().take(length + 1).collect::<String>());
    let group_key = |text: &String| GroupKey::new("demo", "", [("room.id", &**text)]);
    let group_keys = texts.clone().map(|text| String::from_utf8(group_key(&text).bytes().to_vec()));
    let breaks = |key: &String| key.contains(['\t', '\n', '\r']);
    let group_keys = group_keys.filter_map(Result::ok).filter(|key| !breaks(key)).collect::<Vec<_>>();
    assert!(group_keys.len() > 40, "{}", group_keys.len());
    let keys: Vec<String> = texts.chain(group_keys).collect();
    let (mut input, mut output) =
        kafka::join(&shared(&settings, Arc::new(Watcher::default()))).expect("it joins");
    for key in &keys {
        let key = Some(key.as_bytes());
        let message = Message { topic: Topic::Hits, key, partition: None, headers: &[], body: key };
        output.send(message).expect("it is taken");
    }
    output.commit(&[]).expect("it is committed");
    drop(output);
    wardline::worker::Source::rewind(&mut input, &[]).expect("nothing to rewind");
    input.close();

    let theirs = "kafka-keys.theirs";
    client.create_topic(theirs, 7, &[]);
    let directory = process::directory("kafka-keys");
    let lines = keys.iter().fold(String::new(), |mut lines, key| {
        writeln!(lines, "{key}\t{key}").expect("a string takes it");
        lines
    });
    fs::write(directory.path().join("keys"), lines).expect("the test's directory is writable");
    let address = broker.address();
    let arguments =
        ["--bootstrap-server", &address, "--topic", theirs, "--reader-property", "parse.key=true"];
    let class = "org.apache.kafka.tools.ConsoleProducer";
    Broker::tool_fed(class, &arguments, &directory.path().join("keys"));
    let places = |topic: &str| -> BTreeMap<Option<Vec<u8>>, i32> {
        client.read(topic).into_iter().map(|record| (record.key, record.partition)).collect()
    };
    let ours = places(&settings.topics.hits);
    assert_eq!(ours.len(), keys.len());
    assert_eq!(ours, places(theirs));
}

#[test]
fn topics_are_made_as_they_must_be() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut settings = kafka_worker::settings(&broker.address(), "kafka-made");
    let needs = Needs::matching(true).and(Needs::correlating());
    let told = topics::check(&settings, needs).expect_err("there is none").message;
    for topic in ["kafka-made.hits", "kafka-made.windows"] {
        assert!(told.contains(&format!("topic {topic} does not exist")), "{told}");
    }
    settings.create = Some(NewTopics { partitions: Some(3), replication: None });
    let report = topics::check(&settings, needs).expect("they are made");
    assert_eq!((report.created.len(), report.warnings), (6, vec![]));
    let of = |topic: &str, key| client.configuration(topic, key).expect("it has one");
    assert_eq!(of("kafka-made.hits", "retention.ms"), "86400000");
    assert_eq!(of("kafka-made.hits", "retention.bytes"), "-1");
    assert_eq!(of("kafka-made.windows", "cleanup.policy"), "compact");
    assert_eq!(of("kafka-made.windows", "max.compaction.lag.ms"), "86400000");
    assert_eq!(of("kafka-made.flags", "cleanup.policy"), "delete");

    // One that is there decides how many partitions the other has.
    client.create_topic("kafka-made.wide", 5, &[]);
    settings.topics.hits = "kafka-made.wide".to_owned();
    settings.topics.windows = "kafka-made.as-wide".to_owned();
    topics::check(&settings, needs).expect("it is made");
    assert_eq!(client.partitions("kafka-made.as-wide").expect("it is there").len(), 5);
}

#[test]
fn topics_that_would_lose_windows_are_refused() {
    let broker = Broker::shared();
    let client = broker.client();
    let base = kafka_worker::settings(&broker.address(), "kafka-refused");
    kafka_worker::create(&client, &base, 2);
    client.create_topic(&base.topics.shadow, 1, &[]);
    client.create_topic(&base.topics.dead_letters, 1, &[]);
    client.create_topic(&base.topics.hits, 2, &[]);
    client.create_topic("kafka-refused.deleted", 2, &[("cleanup.policy", "compact,delete")]);
    client.create_topic("kafka-refused.narrow", 1, &[("cleanup.policy", "compact")]);
    let late =
        [("cleanup.policy", "compact"), ("min.cleanable.dirty.ratio", "0.9"), ("segment.bytes", "52428800")];
    client.create_topic("kafka-refused.late", 2, &late);
    let check = |windows: &str| {
        let mut settings = base.clone();
        settings.topics.windows = format!("kafka-refused.{windows}");
        topics::check(&settings, Needs::correlating())
    };
    let told = check("deleted").expect_err("it is deleted").message;
    assert!(told.contains("kafka-refused.deleted") && told.contains("compact,delete"), "{told}");
    let told = check("narrow").expect_err("it is narrow").message;
    assert!(told.contains("kafka-refused.hits has 2 partitions"), "{told}");
    let warnings = check("late").expect("it can be used").warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("min.cleanable.dirty.ratio is 0.9"), "{warnings:?}");
}

/// Windows are larger than flags need be, and hits are needed for as long as nobody has read them.
#[test]
fn topics_that_hold_too_little_or_not_long_enough_are_refused_or_told() {
    let broker = Broker::shared();
    let client = broker.client();
    // Flags that are kept small are no reason for windows to be.
    let base = Settings { max_message: 100_000, ..kafka_worker::settings(&broker.address(), "kafka-short") };
    let small = [("max.message.bytes", "500000")];
    for topic in [&base.topics.flags, &base.topics.shadow, &base.topics.dead_letters] {
        client.create_topic(topic, 1, &small);
    }
    let windows =
        |bytes| [("cleanup.policy", "compact"), ("segment.bytes", "52428800"), ("max.message.bytes", bytes)];
    client.create_topic("kafka-short.small", 2, &windows("949999"));
    client.create_topic("kafka-short.large", 2, &windows("950000"));
    for (topic, ms) in [("seconds", "60000"), ("hour", "3600000"), ("day", "86400000")] {
        client.create_topic(&format!("kafka-short.{topic}"), 2, &[("retention.ms", ms)]);
    }
    let check = |hits: &str, windows: &str| {
        let mut settings = base.clone();
        settings.topics.hits = format!("kafka-short.{hits}");
        settings.topics.windows = format!("kafka-short.{windows}");
        topics::check(&settings, Needs::correlating())
    };
    let told = check("seconds", "small").expect_err("neither can be used").message;
    for part in [
        "topic kafka-short.small takes messages of at most 949999 bytes and ours may have 950000",
        "topic kafka-short.seconds keeps hits for 60000 ms",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(check("day", "large").expect("they can be used").warnings, [""; 0]);
    let warnings = check("hour", "large").expect("they can be used").warnings;
    assert!(
        warnings.len() == 1 && warnings[0].contains("kafka-short.hour keeps hits for 3600000 ms"),
        "{warnings:?}"
    );
}

#[test]
fn the_last_committed_windows_are_there_before_the_first_hit() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker, "kafka-restore");
    create(&client, &settings, 2);
    let topic = &settings.topics.windows;
    let write = |inputs: &[Input]| client.produce(topic, inputs);
    write(&[
        window(0, "a", Some("1")),
        window(0, "b", Some("1")),
        window(0, "a", Some("2")),
        window(0, "b", None),
    ]);
    write(&[window(1, "z", Some("1"))]);
    let late = Transaction::begin(&client, "kafka-restore-late");
    late.write(topic, &window(0, "a", Some("3")));
    late.write(topic, &window(0, "c", Some("1")));
    let void = Transaction::begin(&client, "kafka-restore-void");
    void.write(topic, &window(0, "a", Some("void")));
    void.write(topic, &window(0, "d", Some("void")));
    hits(&client, &settings, 2, 3);

    let (watcher, diary) = (Arc::new(Watcher::default()), Diary::default());
    work_while(&settings, &watcher, &diary, || {
        wait::until_true("the other partition's hits", LIMIT, || diary.has(&Given::Hit(1)));
        wait::pass(Duration::from_millis(500));
        assert!(!diary.has(&Given::Hit(0)), "{:?}", diary.given());
        void.abort();
        late.commit();
        wait::until_true("the hits", LIMIT, || diary.has(&Given::Hit(0)));
    });
    let known = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    assert_eq!(diary.at_first_hit(0), known(&[("a", "3"), ("c", "1")]));
    assert_eq!(diary.at_first_hit(1), known(&[("z", "1")]));
    let void = diary
        .given()
        .iter()
        .filter(|given| matches!(given, Given::Kept(_, _, Some(value)) if value == "void"))
        .count();
    assert_eq!(void, 0, "what was given up is not given");
    kafka_worker::assert_each_once(&client, &settings, 2, 3);
}

/// Many windows in every partition, the last version of each the highest.
fn many(client: &Client, settings: &Settings, partitions: i32, keys: usize, versions: usize) {
    let feeder = client.producer();
    for version in 0..versions {
        for key in 0..keys {
            for partition in 0..partitions {
                let (key, value) = (format!("key-{key}"), format!("{version:0>100}"));
                feeder.send(&settings.topics.windows, &window(partition, &key, Some(&value)));
            }
        }
    }
    feeder.flush();
}

fn assert_whole(diary: &Diary, partition: i32, keys: usize, versions: usize) {
    let known = diary.at_first_hit(partition);
    assert_eq!(known.len(), keys);
    let last = format!("{:0>100}", versions - 1);
    assert!(known.values().all(|value| *value == last), "an older version");
}

/// It takes twice as long as a member may be silent.
#[test]
fn a_long_restore_keeps_the_membership() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut settings = settings(&broker, "kafka-long");
    settings.consumer_properties.insert("max.poll.interval.ms".to_owned(), "6000".to_owned());
    create(&client, &settings, 2);
    many(&client, &settings, 2, 50_000, 3);
    hits(&client, &settings, 2, 10);
    let watcher = Arc::new(Watcher::default());
    let diary = Diary { pause: Duration::from_millis(200), ..Diary::default() };
    work_while(&settings, &watcher, &diary, || {
        wait::until_true("the first windows", LIMIT, || diary.kept() > 0);
        let members = client.await_member_ids(&settings.group, LIMIT);
        wait::until_true("the hits", 2 * LIMIT, || (0..2).all(|partition| diary.has(&Given::Hit(partition))));
        assert_eq!(client.await_member_ids(&settings.group, LIMIT), members, "it left and came again");
    });
    for partition in 0..2 {
        assert_whole(&diary, partition, 50_000, 3);
    }
    assert_eq!(watcher.owned.load(Ordering::SeqCst), 2);
    assert_eq!(watcher.restored.load(Ordering::SeqCst), 300_000);
    kafka_worker::assert_each_once(&client, &settings, 2, 10);
}

/// What goes before it came is forgotten, and restored by whoever has it then.
#[test]
fn a_partition_that_goes_while_it_is_restored() {
    let broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker, "kafka-gone");
    create(&client, &settings, 2);
    many(&client, &settings, 2, 30_000, 1);
    hits(&client, &settings, 2, 10);
    let mut second = settings.clone();
    (second.instance, second.leave_on_stop) = ("two".to_owned(), true);
    let (one, two) = (Arc::new(Watcher::default()), Arc::new(Watcher::default()));
    // The first is slow and the second is not, so that a partition goes from the one in the midst of it.
    let slow = Diary { pause: Duration::from_secs(1), ..Diary::default() };
    let quick = Diary::default();
    work_while(&settings, &one, &slow, || {
        wait::until_true("the first windows", LIMIT, || slow.kept() > 0);
        work_while(&second, &two, &quick, || {
            wait::until_true("a partition", LIMIT, || {
                (0..2).any(|partition| quick.has(&Given::Hit(partition)))
            });
            let taken = (0..2).find(|partition| quick.has(&Given::Hit(*partition))).expect("one of them");
            assert!(
                slow.has(&Given::Forget(taken)) && !slow.has(&Given::Hit(taken)),
                "it was not in the midst of it"
            );
            assert_whole(&quick, taken, 30_000, 1);
            wait::until_true("the other", LIMIT, || slow.has(&Given::Hit(1 - taken)));
        });
        // The second has left, and its partition comes back: restored again, with nothing left of the first time.
        hits(&client, &settings, 2, 10);
        kafka_worker::await_consumed(&client, &settings);
    });
    for partition in 0..2 {
        assert_whole(&slow, partition, 30_000, 1);
    }
    kafka_worker::assert_each_once(&client, &settings, 2, 20);
}

/// All of it is read anew, and nothing is missing.
#[test]
fn a_broker_that_dies_amid_a_restore() {
    let mut broker = Broker::shared();
    let client = broker.client();
    let settings = settings(&broker, "kafka-dies");
    create(&client, &settings, 2);
    many(&client, &settings, 2, 30_000, 2);
    hits(&client, &settings, 2, 10);
    let watcher = Arc::new(Watcher::default());
    let diary = Diary { pause: Duration::from_millis(200), ..Diary::default() };
    work_while(&settings, &watcher, &diary, || {
        wait::until_true("the first windows", LIMIT, || diary.kept() > 0);
        broker.restart();
        let came = || (0..2).all(|partition| diary.has(&Given::Hit(partition)));
        wait::until_true("the hits", 2 * LIMIT, came);
    });
    for partition in 0..2 {
        assert_whole(&diary, partition, 30_000, 2);
    }
    kafka_worker::assert_each_once(&client, &settings, 2, 10);
}
