//! Starts that must fail, each with one clear message and the documented exit code.

use super::broker::{self, Broker, Input};
use super::process::Signal;
use super::site::{BAD_CONFIGURATION, BAD_INPUT, PATIENCE, RUNTIME_FAILURE, Site};
use super::trace::RULES;
use super::wait;
use std::time::Duration;

#[test]
fn a_wrong_broker_address() {
    let address = format!("127.0.0.1:{}", broker::free_port());
    let mut site = Site::without_topics(&address, "nowhere", RULES);
    site.set("kafka", "connect_timeout = \"3s\"");
    site.start("worker").fails(RUNTIME_FAILURE, &[&address]);
}

/// Nothing has begun yet, so there is nothing to finish; and a reload that is asked for this early ends nothing.
#[test]
fn signals_are_heard_while_the_cluster_is_waited_for() {
    let address = format!("127.0.0.1:{}", broker::free_port());
    let mut site = Site::without_topics(&address, "impatient", RULES);
    site.set("kafka", "connect_timeout = \"5m\"");
    let mut worker = site.start("worker");
    wait::until_true("the start", PATIENCE, || worker.log().contains("wardline starts"));
    worker.signal(Signal::Hup);
    wait::pass(Duration::from_millis(200));
    assert_eq!(worker.ended(), None, "{}", worker.tail());
    worker.signal(Signal::Term);
    let end = worker.wait(Duration::from_secs(5));
    assert_eq!(end.code(), Some(0), "{}", worker.tail());
}

/// In a log for machines every line is one for machines, the last one included.
#[test]
fn a_failed_start_is_a_line_of_the_json_log() {
    let address = format!("127.0.0.1:{}", broker::free_port());
    let mut site = Site::without_topics(&address, "machines", RULES);
    site.set("kafka", "connect_timeout = \"2s\"").set("log", "format = \"json\"");
    let mut worker = site.start("worker");
    let end = worker.wait(PATIENCE);
    let log = worker.log();
    assert_eq!(end.code(), Some(RUNTIME_FAILURE), "{log}");
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let last = lines.last().unwrap();
    assert_eq!(last["exit_code"], RUNTIME_FAILURE);
    assert!(last["error"].as_str().unwrap().contains(&address), "{last}");
}

#[test]
fn a_missing_topic_is_named_or_created() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut site = Site::without_topics(&broker.address(), "missing", RULES);
    for topic in [site.input(), site.flags(), site.shadow()] {
        client.create_topic(&topic, 2, &[]);
    }
    site.start("worker").fails(RUNTIME_FAILURE, &[&site.dead_letters(), "topics.create"]);
    assert!(client.partitions(&site.dead_letters()).is_err(), "the start made a topic");
    site.set("topics", "create = true");
    let mut worker = site.start_ready("worker");
    assert!(client.partitions(&site.dead_letters()).is_ok());
    assert!(worker.stop().success(), "{}", worker.tail());
}

/// Who correlates needs topics that others do not, and has a group of its own.
#[test]
fn a_process_that_correlates_looks_at_its_topics() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut site = Site::without_topics(&broker.address(), "correlating", RULES);
    for topic in [site.flags(), site.shadow(), site.dead_letters(), site.hits()] {
        client.create_topic(&topic, 2, &[]);
    }
    site.start_correlating("first").fails(RUNTIME_FAILURE, &[&site.windows(), "topics.create"]);
    let deleted = "correlating.deleted";
    client.create_topic(deleted, 2, &[("cleanup.policy", "delete")]);
    site.set("topics", format!("windows = {deleted:?}"));
    site.start_correlating("second").fails(RUNTIME_FAILURE, &[deleted, "cleanup.policy=compact"]);

    site.set("topics", format!("windows = {:?}", site.windows())).set("topics", "create = true");
    let mut worker = site.start_correlating("third");
    worker.await_ready();
    assert_eq!(client.configuration(&site.windows(), "cleanup.policy").unwrap(), "compact");
    assert!(client.partitions(&site.input()).is_err(), "it needs no events");
    let hit = Input { key: Some(b"key".to_vec()), payload: Some(b"hit".to_vec()), ..Input::default() };
    client.produce(&site.hits(), &[hit]);
    client.await_consumed("correlating-correlate", &site.hits(), PATIENCE);
    assert_eq!(worker.metric("wardline_worker_info", "role=\"correlate\""), Some(1.0));
    assert_eq!(worker.metric("wardline_hits_read_total", ""), Some(1.0));
    assert!(worker.stop().success(), "{}", worker.tail());
}

/// The topic demands two replicas in sync and has one.
#[test]
fn a_topic_that_takes_no_writes() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut site = Site::without_topics(&broker.address(), "unwritable", RULES);
    client.create_topic(&site.input(), 1, &[]);
    client.create_topic(&site.flags(), 1, &[("min.insync.replicas", "2")]);
    for topic in [site.shadow(), site.dead_letters()] {
        client.create_topic(&topic, 1, &[]);
    }
    site.set("kafka", "message_timeout = \"5s\"").set("kafka", "transaction_timeout = \"8s\"");
    let event = br#"{"id":"1","type":"chat.message","text":"how old are you?"}"#.to_vec();
    let mut worker = site.start("worker");
    client.produce(&site.input(), &[Input { payload: Some(event), ..Input::default() }]);
    worker.fails(RUNTIME_FAILURE, &[&site.flags(), "min.insync.replicas"]);
    assert_eq!(client.read(&site.flags()), []);
    let committed = client.committed(site.group(), &site.input()).unwrap();
    assert!(committed.values().all(|offset| *offset == 0), "the event was committed without its flag");
}

#[test]
fn bad_configurations_and_rules() {
    let cases: [(&str, &str, &[&str]); 7] = [
        ("kafka", "brokerz = [\"a:1\"]", &["kafka.brokerz", "brokers"]),
        ("kafka", "delivery = \"maybe\"", &["delivery", "exactly-once"]),
        ("kafka", "session_timeout = 6", &["session_timeout"]),
        ("kafka.properties", "\"isolation.level\" = \"read_uncommitted\"", &["isolation.level"]),
        ("kafka", "group = \"a:b\"", &["kafka.group"]),
        ("kafka.properties", "\"max.poll.interval.ms\" = 1000", &["max.poll.interval.ms"]),
        // Each is right by itself; only making the client shows that they do not go together.
        ("kafka.properties", "retries = 0", &["retries", "enable.idempotence"]),
    ];
    for (table, line, naming) in cases {
        let site = Site::without_topics("127.0.0.1:1", "badconfig", RULES);
        site.start_with("worker", &[(table, line)]).fails(BAD_CONFIGURATION, naming);
    }
    let site = Site::without_topics("127.0.0.1:1", "badrules", "title: no detection\n");
    site.start("worker").fails(BAD_INPUT, &["test.yml"]);
}

#[test]
fn a_second_process_of_the_same_instance_ends_one_of_them() {
    let broker = Broker::shared();
    let site = Site::new(&broker, "twins", 2, RULES);
    let mut first = site.start_ready("twin");
    let mut second = site.start("twin");
    wait::until_true("one of the twins to end", Duration::from_mins(1), || {
        first.ended().is_some() || second.ended().is_some()
    });
    let ended = if first.ended().is_some() { &mut first } else { &mut second };
    ended.fails(RUNTIME_FAILURE, &["instance"]);
}
