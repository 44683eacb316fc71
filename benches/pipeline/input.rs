//! The events that the service is given to get through, and what it takes to do so.

use super::site::{self, Service, Site, Usage};
use super::{PARTITIONS, load};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::{Duration, Instant};
use wardline::generate::Label;

/// One run's figures.
pub(super) struct Figures {
    pub(super) wall: f64,
    pub(super) usage: Usage,
}

/// What a service did: its figures, and CPU seconds a record after about half of the records, when its start is behind
/// it, and a JVM is warm.
pub(super) type Work = (Figures, f64);

/// A topic of generated events.
pub(super) struct Input {
    brokers: String,
    pub(super) topic: String,
    pub(super) events: u64,
    /// Events that hit a rule.
    pub(super) flagged: usize,
}

impl Input {
    /// Writes the events, unless the topic already holds them.
    pub(super) fn prepare(site: &Site, events: u64) -> Self {
        let (brokers, topic) = (site.brokers.clone(), format!("wardline.bench.{events}"));
        site.create(&topic);
        let held: i64 = ends(&brokers, &topic).sum();
        assert!(held == 0 || held == events.cast_signed(), "{topic} holds {held} records; delete it");
        let flagged = fill(&brokers, &topic, events, held == 0);
        Self { brokers, topic, events, flagged }
    }

    /// What a service takes to get through all of it; it is to make so many flags.
    pub(super) fn work(&self, flagged: usize, start: impl FnOnce() -> Service) -> Work {
        let begun = Instant::now();
        self.finish(begun, start(), flagged)
    }

    /// Waits until the last record is committed, which the broker is asked and costs the service nothing, and counts the flags.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    fn finish(&self, begun: Instant, mut service: Service, flagged: usize) -> Work {
        let process = service.process();
        let member = site::member(&self.brokers, &service.group);
        // Records and CPU seconds when half of the records were committed.
        let mut half = (0, 0.0);
        service.until("the last record", || {
            let done = site::committed(&member, &self.topic);
            if half.0 == 0 && (self.events / 2..self.events).contains(&done) {
                half = (done, site::usage_of(&process).cpu);
            }
            done >= self.events
        });
        let wall = begun.elapsed().as_secs_f64();
        let flags = service.flags.clone();
        let usage = service.stop();
        assert_eq!(site::count(&self.brokers, &flags), flagged, "flags in {flags}");
        let second_half = (usage.cpu - half.1) / (self.events - half.0) as f64;
        (Figures { wall, usage }, second_half)
    }
}

/// Generates the events, writes them if `write`, and counts those that hit a rule.
fn fill(brokers: &str, topic: &str, events: u64, write: bool) -> usize {
    let mut generator = load::traffic();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("compression.type", "lz4").set("linger.ms", "20");
    let producer: BaseProducer = config.create().expect("a producer");
    let (mut flagged, mut payload) = (0, Vec::new());
    for (partition, _) in (0..PARTITIONS).cycle().zip(0..events) {
        payload.clear();
        flagged += usize::from(matches!(generator.next_into(&mut payload).label, Label::Load(_)));
        if write {
            send(&producer, topic, partition, &payload);
        }
    }
    producer.flush(Duration::from_mins(2)).expect("the broker takes the events");
    flagged
}

fn send(producer: &BaseProducer, topic: &str, partition: i32, payload: &[u8]) {
    let record: BaseRecord<'_, (), [u8]> = BaseRecord::to(topic).partition(partition).payload(payload);
    site::hand_over(producer, record);
}

fn ends(brokers: &str, topic: &str) -> impl Iterator<Item = i64> {
    let reader = site::reader(brokers);
    (0..PARTITIONS).map(move |partition| end(&reader, topic, partition))
}

/// The end of a partition. One that was made just now has no leader yet, so it is asked for until it has.
fn end(reader: &BaseConsumer, topic: &str, partition: i32) -> i64 {
    const PATIENCE: Duration = Duration::from_secs(30);
    let begun = Instant::now();
    loop {
        match reader.fetch_watermarks(topic, partition, PATIENCE) {
            Ok((_, end)) => return end,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "the end of a partition: {error}"),
        }
        drop(reader.poll(Duration::from_millis(100)));
    }
}
