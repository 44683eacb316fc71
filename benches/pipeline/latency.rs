//! How soon a flag is there: from producing an event to a read-committed reader having its flag, at a steady
//! 2,000 events a second.
//!
//! One broker, four partitions, 1,000 phrase rules, 1 % of the events flagged. Producer and reader are threads of
//! this process, so that both times are of one clock; the service is a process of its own. An event's time is
//! taken as it is handed to the client. Every flag that is due must come, once, and no other. The first two
//! seconds are not counted. *Correlated* are flags of a correlation that every hit completes, by workers of both roles in one process.

use super::site::{self, Read, Site};
use super::{PARTITIONS, RULES, load};
use rdkafka::config::ClientConfig;
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::Value;
use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};
use wardline::generate::Label;

const ROUNDS: usize = 3;
const RATE: u64 = 2_000;
const WARM_UP: Duration = Duration::from_secs(2);
/// After the last event, for the last flag.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures in runs of `seconds` and prints the figures.
pub(super) fn measure(brokers: &str, seconds: u64) {
    let (plain, correlating) = (Site::new(brokers), Site::with_rules(brokers, &correlating()));
    let cases = [
        ("at-least-once", &plain, "at-least-once"),
        ("exactly-once", &plain, "exactly-once"),
        ("correlated", &correlating, "exactly-once"),
    ];
    println!(
        "{RATE} events/s in {PARTITIONS} partitions, {RULES} rules, 1 % flagged; produce to flag read, in ms"
    );
    println!("{:<16}{:>8}{:>8}{:>8}{:>8}{:>10}", "", "flags", "p50", "p90", "p99", "longest");
    for _ in 0..ROUNDS {
        for (name, site, delivery) in cases {
            let mut taken = run(site, delivery, RATE * seconds);
            taken.sort_unstable();
            let quantile = |share: usize| millis(taken[(taken.len() - 1) * share / 100]);
            println!(
                "{name:<16}{:>8}{:>8.1}{:>8.1}{:>8.1}{:>10.1}",
                taken.len(),
                quantile(50),
                quantile(90),
                quantile(99),
                quantile(100)
            );
        }
    }
}

/// The rules, which publish nothing, and a correlation that every hit completes: as a rule of its own would fire, by way of hits,
/// windows and two transactions.
fn correlating() -> String {
    let load = load::load();
    let rules = (0..RULES).map(|index| format!("{}review: {{publish: false}}\n---\n", load.yaml(index)));
    let names: Vec<String> = (0..RULES).map(|index| load.name(index)).collect();
    format!(
        "{}title: Any\nid: any\nname: any\ncorrelation: {{type: event_count, rules: [{}], group-by: [room.id, sender.id], \
         timespan: 10m, condition: {{gte: 1}}}}\nlevel: high\n",
        rules.collect::<String>(),
        names.join(", ")
    )
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// One run: how long each counted flag took.
fn run(site: &Site, delivery: &str, events: u64) -> Vec<Duration> {
    let input = site::new_name("latency");
    site.create(&input);
    let mut service = site.start(&input, delivery);
    service.until("readiness", site::is_ready);
    let reader = site::reader(&site.brokers);
    site::read_from_start(&reader, &service.flags);
    let (due, seen) = thread::scope(|scope| {
        let producer = scope.spawn(|| produce(&site.brokers, &input, events));
        let mut seen = HashMap::new();
        let mut quiet = Instant::now();
        while !producer.is_finished() || quiet.elapsed() < PATIENCE {
            if let Read::Message(flag) = site::next(&reader, &service.flags, Duration::from_millis(100)) {
                quiet = Instant::now();
                let first = seen.insert(event_id(flag.payload().expect("a body")), quiet);
                assert!(first.is_none(), "a flag came twice");
            }
        }
        (producer.join().expect("the producer ends well"), seen)
    });
    service.stop();
    assert_eq!(seen.len(), due.len(), "flags");
    let begun = due.values().min().copied().expect("something is flagged");
    let counted = due.iter().filter(|(_, produced)| produced.duration_since(begun) >= WARM_UP);
    counted.map(|(id, produced)| seen[id].duration_since(*produced)).collect()
}

/// Produces the events at their rate, and gives the time of those that are to be flagged.
fn produce(brokers: &str, topic: &str, events: u64) -> HashMap<String, Instant> {
    let mut generator = load::traffic();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("linger.ms", "0").set("socket.nagle.disable", "true");
    let producer: BaseProducer = config.create().expect("a producer");
    let (mut due, mut payload) = (HashMap::new(), Vec::new());
    let begun = Instant::now();
    for (partition, number) in (0..PARTITIONS).cycle().zip(0..events) {
        payload.clear();
        let label = generator.next_into(&mut payload).label;
        let due_at = begun + Duration::from_micros(1_000_000 * number / RATE);
        thread::sleep(due_at.saturating_duration_since(Instant::now()));
        let record: BaseRecord<'_, (), [u8]> = BaseRecord::to(topic).partition(partition).payload(&payload);
        let handed_over = Instant::now();
        producer.send(record).expect("the queue has room");
        if matches!(label, Label::Load(_)) {
            let event: Value = serde_json::from_slice(&payload).expect("generated JSON");
            due.insert(event["id"].as_str().expect("an id").to_owned(), handed_over);
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_mins(1)).expect("the broker takes the events");
    due
}

fn event_id(flag: &[u8]) -> String {
    let flag: Value = serde_json::from_slice(flag).expect("a flag is JSON");
    flag["source"]["event_id"].as_str().expect("an event id").to_owned()
}
