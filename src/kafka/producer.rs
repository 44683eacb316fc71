//! The sink: a producer whose messages and consumed offsets commit together.
//!
//! Exactly once, one transaction spans both. It is opened by the first message, or by the commit itself
//! when only offsets moved: those go through a transaction too, although a plain commit would be cheaper,
//! because a plain commit during a cooperative rebalance sets off another one, and because one road for
//! offsets means one order and one fence. At one a second the price does not show.
//!
//! At least once, the producer is merely idempotent, and offsets are committed by the consumer after every
//! message is acknowledged.
//!
//! A commit begins with draining, which flushes: the safe client's commit flushes, too, but its flush sleeps 100 ms whenever a
//! message is still in flight. An abort begins with purging: otherwise it waits for messages that nobody
//! wants any more.
#![expect(clippy::disallowed_methods, reason = "measures time-outs and waits for deliveries")]

use super::Shared;
use super::foreign::flush::flush;
use super::foreign::member::is_member;
use super::rebalance::Events;
use super::settings::{Delivery, Role, Topics};
use super::verdict::{Call, Decision, Facts, decide, is_fenced, is_refused};
use crate::position::Resume;
use crate::worker::{Failure, Message, Sink, Topic};
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext, PurgeConfig};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::util::Timeout;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// Pause before a call that may be repeated is, and between two looks at what is still to be given up. Not left to the client's
/// own `poll` with a time: it truncates to whole milliseconds, so that anything below spins.
const LOOK_AGAIN: Duration = Duration::from_micros(300);

/// How long a flush lasts before it is looked what was acknowledged: the shortest time that the client takes. One alone does not
/// do: the first messages of a transaction may be sent once the coordinator knows of their partitions, and no sooner.
const FLUSH: Duration = Duration::from_millis(1);

/// Bound of a purge's acknowledgement, of an abort and of one request for offsets.
const SHORT: Duration = Duration::from_secs(5);

/// What is in flight may arrive for so long before it is purged for an abort. Without it an abort right
/// after a commit meets a coordinator that still completes the commit, and spoils the producer.
const GRACE: Duration = Duration::from_millis(500);

/// Where a worker's messages go.
pub struct Output {
    producer: BaseProducer<Deliveries>,
    consumer: Weak<BaseConsumer<Events>>,
    shared: Shared,
    /// A transaction is open.
    open: bool,
}

impl Output {
    /// Connects the producer of a worker slot. Exactly once, this also ends what a dead producer of the
    /// same name has left open, and waits for the cluster at most the time to connect.
    pub(super) fn connect(shared: &Shared) -> Result<Self, Failure> {
        let config = shared.settings.producer(shared.number);
        let deliveries = Deliveries::new(shared);
        let producer: BaseProducer<Deliveries> =
            config.create_with_context(deliveries).map_err(|error| super::unusable(&error))?;
        let output = Self { producer, consumer: Weak::new(), shared: shared.clone(), open: false };
        let ready = if output.transactional() { output.init() } else { Ok(()) };
        if let Err(failure) = ready {
            output.close();
            return Err(failure);
        }
        Ok(output)
    }

    /// Destroys the client, under watch: one that failed may not come to an end.
    pub fn close(self) {
        let _watched = self.shared.watchdog.watch("close");
        drop(self.producer);
    }

    /// Ties the sink to the consumer whose offsets it commits.
    pub(super) fn attach(&mut self, consumer: Weak<BaseConsumer<Events>>) {
        self.consumer = consumer;
    }

    fn transactional(&self) -> bool {
        self.shared.settings.delivery == Delivery::ExactlyOnce
    }

    /// In short steps: a longer one blocks its whole time when brokers went away in between.
    fn init(&self) -> Result<(), Failure> {
        let deadline = Instant::now() + self.shared.settings.connect_timeout;
        loop {
            let watched = self.shared.watchdog.watch("init_transactions");
            let result = self.producer.init_transactions(SHORT);
            drop(watched);
            self.producer.poll(Duration::ZERO);
            let Err(error) = result else { return Ok(()) };
            let facts = Facts::of(Call::Prepare, &error);
            let ended = Instant::now() > deadline || self.shared.stop.load(Ordering::Relaxed);
            if decide(facts) != Decision::Retry || ended {
                return Err(self.stop("begin its transactions", &error));
            }
        }
    }

    fn begin(&mut self) -> Result<(), Failure> {
        if self.transactional() && !self.open {
            self.repeat(Call::Prepare, "begin_transaction", BaseProducer::begin_transaction)?;
            self.open = true;
        }
        Ok(())
    }

    /// Performs a call, again for as long as it says that it may be repeated.
    fn repeat(
        &self,
        call: Call,
        name: &'static str,
        perform: impl Fn(&BaseProducer<Deliveries>) -> Result<(), KafkaError>,
    ) -> Result<(), Failure> {
        let deadline = Instant::now() + self.shared.settings.transaction_timeout;
        loop {
            let watched = self.shared.watchdog.watch(name);
            let result = perform(&self.producer);
            drop(watched);
            let Err(error) = result else { return Ok(()) };
            match decide(Facts::of(call, &error)) {
                Decision::Retry if Instant::now() < deadline => thread::sleep(LOOK_AGAIN),
                Decision::Retry if call == Call::Prepare => return Err(again(name, &error)),
                Decision::Abort => return Err(again(name, &error)),
                Decision::Retry | Decision::End => return Err(self.stop(name, &error)),
            }
        }
    }

    /// Takes in what was acknowledged; yields how much is not. A poll takes in one request's messages.
    fn reap(&self) -> i32 {
        let mut left = self.producer.in_flight_count();
        loop {
            self.producer.poll(Duration::ZERO);
            let before = std::mem::replace(&mut left, self.producer.in_flight_count());
            if left == 0 || left >= before {
                return left;
            }
        }
    }

    /// Sends what waits for more to be sent along with, and waits a little.
    fn flush(&self) {
        let _watched = self.shared.watchdog.watch("flush");
        flush(self.producer.client(), FLUSH);
    }

    /// Waits until every message is acknowledged; stops at the first that cannot be.
    fn drain(&self) -> Result<(), Failure> {
        let deadline = Instant::now() + self.shared.settings.message_timeout;
        while self.reap() > 0 {
            self.delivered()?;
            if Instant::now() > deadline {
                return Err(Failure::rewind("messages were not acknowledged in time"));
            }
            self.flush();
        }
        self.delivered()?;
        // A client that is beyond help drops what it holds; that nothing is in flight means nothing then.
        match self.producer.client().fatal_error() {
            None => Ok(()),
            Some((code, reason)) => Err(self.broken(code, &reason)),
        }
    }

    /// Fails if a delivery failed since the last look.
    fn delivered(&self) -> Result<(), Failure> {
        match self.producer.context().take() {
            None => Ok(()),
            Some((topic, error)) => Err(self.refused(&topic, &error)),
        }
    }

    fn commit_transaction(&mut self, offsets: &TopicPartitionList) -> Result<(), Failure> {
        self.begin()?;
        self.drain()?;
        if offsets.count() > 0 {
            // Fresh for every commit: a generation changes without a word to the members that stay.
            let group = self.group()?;
            self.repeat(Call::Prepare, "send_offsets_to_transaction", |producer| {
                producer.send_offsets_to_transaction(offsets, &group, SHORT)
            })?;
        }
        // Without a time-out of our own: the transaction's bounds it, and one of ours would leave unknown
        // whether the commit took place.
        self.repeat(Call::Commit, "commit_transaction", |producer| {
            producer.commit_transaction(Timeout::Never)
        })?;
        self.open = false;
        Ok(())
    }

    fn commit_offsets(&self, offsets: &TopicPartitionList) -> Result<(), Failure> {
        self.drain()?;
        if offsets.count() == 0 {
            return Ok(());
        }
        let consumer = self.consumer()?;
        membership(&consumer)?;
        let _watched = self.shared.watchdog.watch("commit");
        consumer.commit(offsets, CommitMode::Sync).map_err(|error| {
            let code = error.rdkafka_error_code();
            if code.is_some_and(|code| is_fenced(code) || is_refused(code)) {
                self.stop("commit offsets", &error)
            } else {
                again("commit offsets", &error)
            }
        })
    }

    fn group(&self) -> Result<ConsumerGroupMetadata, Failure> {
        let _watched = self.shared.watchdog.watch("group_metadata");
        let consumer = self.consumer()?;
        let group = consumer.group_metadata().ok_or_else(no_consumer)?;
        membership(&consumer).map(|()| group)
    }

    fn consumer(&self) -> Result<Arc<BaseConsumer<Events>>, Failure> {
        self.consumer.upgrade().ok_or_else(no_consumer)
    }

    /// Drops what is queued and in flight, and waits for the client to have dropped it.
    fn purge(&self) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut purged = false;
        while self.reap() > 0 {
            let failed = self.producer.context().take().is_some();
            if !purged && (failed || begun.elapsed() > GRACE) {
                self.producer.purge(PurgeConfig::default().queue().inflight());
                purged = true;
            }
            if begun.elapsed() > GRACE + SHORT {
                return Err(Failure::stop("the producer did not give up its messages after a purge"));
            }
            // What lingers would else be waited for.
            if purged { thread::sleep(LOOK_AGAIN) } else { self.flush() }
        }
        drop(self.producer.context().take());
        Ok(())
    }

    /// Ends the open transaction; a producer that cannot do that is replaced by one of the same name, whose
    /// first act it is. Nothing was committed, so the offsets to go back to are known either way.
    fn abort_transaction(&mut self) -> Result<(), Failure> {
        let deadline = Instant::now() + self.shared.settings.transaction_timeout;
        let error = loop {
            let watched = self.shared.watchdog.watch("abort_transaction");
            let aborted = self.producer.abort_transaction(SHORT);
            drop(watched);
            let Err(error) = aborted else { return Ok(()) };
            let retry = decide(Facts::of(Call::Abort, &error)) == Decision::Retry;
            if !retry || Instant::now() > deadline {
                break error;
            }
        };
        if error.rdkafka_error_code().is_some_and(|code| is_fenced(code) || is_refused(code)) {
            return Err(self.stop("abort_transaction", &error));
        }
        let consumer = Weak::clone(&self.consumer);
        let fresh = Self::connect(&self.shared.clone())?;
        std::mem::replace(self, Self { consumer, ..fresh }).close();
        Ok(())
    }

    /// The failure of a call after which nothing but a new start helps.
    fn stop(&self, call: &str, error: &KafkaError) -> Failure {
        let hint = self.hint(error.rdkafka_error_code());
        Failure::stop(format!("the producer could not {call}: {error}{hint}"))
    }

    /// The failure of a client that says itself that it is beyond help.
    fn broken(&self, code: RDKafkaErrorCode, reason: &str) -> Failure {
        Failure::stop(format!("the producer cannot go on: {reason} ({code}){}", self.hint(Some(code))))
    }

    /// What an undeliverable message means.
    fn refused(&self, topic: &str, error: &KafkaError) -> Failure {
        if let Some((code, reason)) = self.producer.client().fatal_error() {
            return self.broken(code, &reason);
        }
        let message = format!("a message to topic {topic} could not be delivered: {error}");
        match decide(Facts::of(Call::Send, error)) {
            Decision::End => Failure::stop(message + &self.hint(error.rdkafka_error_code())),
            Decision::Retry | Decision::Abort => Failure::rewind(message),
        }
    }

    fn hint(&self, code: Option<RDKafkaErrorCode>) -> String {
        let Topics { flags, shadow, dead_letters, hits, windows, .. } = &self.shared.settings.topics;
        if code.is_some_and(is_fenced) {
            "; another live process uses the same kafka.instance, or this one was silent for too long"
                .to_owned()
        } else if code == Some(RDKafkaErrorCode::TopicAuthorizationFailed) {
            // Of a whole transaction the client says no more than that.
            let others = match self.shared.settings.role {
                Role::Match => format!("{dead_letters}, {hits}"),
                Role::Correlate => format!("{hits}, {windows}"),
            };
            format!("; one of the topics {flags}, {shadow}, {others} may not be written: grant Write")
        } else {
            String::new()
        }
    }

    /// Hands a message over, waiting for room in the client's queue if there is none.
    fn enqueue(&self, message: &Message<'_>) -> Result<(), Failure> {
        let name = name_of(&self.shared.settings.topics, message.topic);
        let deadline = Instant::now() + self.shared.settings.message_timeout;
        let mut record = record(name, message);
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), rejected))
                    if Instant::now() < deadline =>
                {
                    record = rejected;
                    let full = self.producer.in_flight_count();
                    if self.reap() >= full {
                        self.flush();
                    }
                }
                Err((error, _)) => return Err(self.refused(name, &error)),
            }
        }
    }
}

impl Sink for Output {
    fn send(&mut self, message: Message<'_>) -> Result<(), Failure> {
        if message.topic == Topic::Hits && !self.shared.settings.hits {
            return Ok(());
        }
        self.begin()?;
        self.enqueue(&message)
    }

    fn commit(&mut self, resumes: &[Resume]) -> Result<(), Failure> {
        let offsets = resume_list(&self.shared.settings.topics.input, resumes);
        if self.transactional() { self.commit_transaction(&offsets) } else { self.commit_offsets(&offsets) }
    }

    fn serve(&mut self) -> Result<(), Failure> {
        self.reap();
        self.delivered()
    }

    fn abort(&mut self) -> Result<(), Failure> {
        self.purge()?;
        if self.open {
            self.abort_transaction()?;
            self.open = false;
        }
        Ok(())
    }
}

/// What the producer's client tells outside of calls.
struct Deliveries {
    shared: Shared,
    /// The first message that could not be delivered since the last look: its topic and why.
    failed: Mutex<Option<(String, KafkaError)>>,
    /// The last error was told once so far.
    half_told: AtomicBool,
}

impl Deliveries {
    fn new(shared: &Shared) -> Self {
        Self { shared: shared.clone(), failed: Mutex::new(None), half_told: AtomicBool::new(false) }
    }

    fn take(&self) -> Option<(String, KafkaError)> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        super::log_line(level, facility, message);
    }

    // Every error of a producer is told twice by the Rust client, one right after the other.
    fn error(&self, error: KafkaError, reason: &str) {
        if self.half_told.fetch_xor(true, Ordering::Relaxed) {
            self.shared.observer.client_error(self.shared.slot, &error.to_string(), reason);
        }
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        // Also what was purged: by us, who look away then, or by a client that is beyond help.
        let Err((error, message)) = result else { return };
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get_or_insert_with(|| (message.topic().to_owned(), error.clone()));
    }
}

fn record<'a>(topic: &'a str, message: &Message<'a>) -> BaseRecord<'a, [u8], [u8]> {
    let mut record = BaseRecord::to(topic);
    if !message.headers.is_empty() {
        let none = OwnedHeaders::new_with_capacity(message.headers.len());
        let all = message.headers.iter();
        let all = all.fold(none, |all, (key, value)| all.insert(Header { key, value: Some(&**value) }));
        record = record.headers(all);
    }
    record.key = message.key;
    record.partition = message.partition;
    record.payload = message.body;
    record
}

fn name_of(topics: &Topics, topic: Topic) -> &str {
    match topic {
        Topic::Review => &topics.flags,
        Topic::Shadow => &topics.shadow,
        Topic::DeadLetter => &topics.dead_letters,
        Topic::Hits => &topics.hits,
        Topic::Windows => &topics.windows,
    }
}

/// Offsets of one topic as the client takes them. A negative offset has no place in it and is left out.
pub(super) fn offset_list(topic: &str, offsets: &[(i32, i64)]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(offsets.len());
    for (partition, offset) in offsets.iter().filter(|(_, offset)| *offset >= 0) {
        drop(list.add_partition_offset(topic, *partition, Offset::Offset(*offset)));
    }
    list
}

/// The same for a commit, with what has to be recalled.
fn resume_list(topic: &str, resumes: &[Resume]) -> TopicPartitionList {
    let offsets: Vec<_> = resumes.iter().map(|resume| (resume.partition, resume.offset)).collect();
    let list = offset_list(topic, &offsets);
    for resume in resumes.iter().filter(|resume| resume.recall.is_some()) {
        if let Some(mut element) = list.find_partition(topic, resume.partition) {
            element.set_metadata(resume.metadata());
        }
    }
    list
}

fn again(call: &str, error: &KafkaError) -> Failure {
    Failure::rewind(format!("{call}: {error}"))
}

/// A client that heard nothing of its group for too long has given its membership up, of which we hear later, and
/// comes back as a new member. A commit in between would seem to be that of a second process.
fn membership(consumer: &BaseConsumer<Events>) -> Result<(), Failure> {
    if is_member(consumer.client()) {
        return Ok(());
    }
    Err(Failure::rewind("the membership of the group is lost, or not yet gained"))
}

fn no_consumer() -> Failure {
    Failure::stop("the consumer is closed and its offsets cannot be committed")
}

#[cfg(test)]
mod tests {
    use super::super::Watchdog;
    use super::super::settings::tests::settings;
    use super::*;
    use crate::worker::run::Observer;

    #[derive(Default)]
    struct Ear(Mutex<Vec<String>>);

    impl Observer for Ear {
        fn client_error(&self, _: usize, error: &str, reason: &str) {
            self.0.lock().expect("not poisoned").push(format!("{error} {reason}"));
        }
    }

    #[test]
    fn an_error_of_the_client_is_told_once() {
        let ear = Arc::new(Ear::default());
        let shared = Shared {
            // A port that was free a moment ago, so that nobody answers.
            settings: Arc::new(settings("127.0.0.1:1")),
            slot: 0,
            number: 0,
            watchdog: Watchdog::start(Duration::from_mins(1), |_, _| ()),
            observer: Arc::clone(&ear) as Arc<dyn Observer>,
            stop: Arc::default(),
        };
        let producer: BaseProducer<Deliveries> =
            shared.settings.producer(0).create_with_context(Deliveries::new(&shared)).expect("a producer");
        let deadline = Instant::now() + Duration::from_secs(30);
        let told = || ear.0.lock().expect("not poisoned").clone();
        while !told().iter().any(|error| error.contains("AllBrokersDown")) {
            assert!(Instant::now() < deadline, "{:?}", told());
            producer.poll(Duration::from_millis(10));
        }
        let down = told().iter().filter(|error| error.contains("AllBrokersDown")).count();
        assert_eq!(down, 1, "{:?}", told());
    }
}
