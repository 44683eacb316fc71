//! The check of the cluster's topics at the start: exist, have leaders, can take what we write.
//!
//! A worker would find every one of these problems by itself, late and in the words of a protocol. Here
//! each is said once, all together, with the topic's name and what to do.
//!
//! The cluster is asked for all its topics, never for one by name: asking for a missing one by name creates
//! it where the cluster allows that.
//!
//! Which topics are looked at depends on what the process does: who correlates nothing needs no topics for that.
#![expect(clippy::disallowed_methods, reason = "bounds how long the cluster is waited for")]

mod hits;
mod wanted;
mod windows;

pub use wanted::Needs;

use super::foreign::access::access;
use super::settings::{NewTopics, Settings, Topics};
use super::{log_line, unusable};
use crate::worker::Failure;
use rdkafka::ClientContext;
use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::{Metadata, MetadataPartition, MetadataTopic};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use wanted::{Wanted, wanted};

/// Pause before the cluster is asked again whether a new topic is ready.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// So many of the client's events are looked at for what it complains about.
const EVENTS: usize = 100;

/// What a check found in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Partitions of the topic of events, or of hits where no events are read.
    pub input_partitions: usize,
    /// Topics that were missing and have been created.
    pub created: Vec<String>,
    /// What hurts without being wrong.
    pub warnings: Vec<String>,
}

/// Checks the topics that are needed, creating missing ones if the settings allow it. The failure names every problem.
/// `settings` are those of the role that matches, or both roles' as far as these agree.
pub fn check(settings: &Settings, needs: Needs) -> Result<Report, Failure> {
    let cluster = connect(settings)?;
    let wanted = wanted(settings, needs);
    let mut metadata = ask(&cluster, settings)?;
    let missing: Vec<&Wanted<'_>> =
        wanted.iter().filter(|topic| find(&metadata, topic.name).is_none()).collect();
    let mut report = Report::default();
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|topic| topic.name).collect();
        let Some(shape) = settings.create else {
            return Err(Failure::stop(absent(&cluster, settings, &names)));
        };
        create(&cluster, settings, &shaped(settings, shape, &metadata, &missing))?;
        metadata = await_topics(&cluster, settings, &names)?;
        report.created = names.into_iter().map(str::to_owned).collect();
    }
    let mut problems = problems(&cluster, settings, &wanted, &metadata);
    if needs.windows {
        problems.extend(uneven(settings, &metadata));
        problems.extend(of_hits(&cluster, settings, &mut report.warnings));
        problems.extend(state(&cluster, settings, &metadata, &mut report.warnings));
    }
    if !problems.is_empty() {
        return Err(Failure::stop(problems.join("; ")));
    }
    let input = if needs.events { &settings.topics.input } else { &settings.topics.hits };
    report.input_partitions = find(&metadata, input).map_or(0, |topic| topic.partitions().len());
    Ok(report)
}

fn find<'a>(metadata: &'a Metadata, name: &str) -> Option<&'a MetadataTopic> {
    metadata.topics().iter().find(|topic| topic.name() == name)
}

/// Two clients of the cluster: the first to ask about topics, whose complaints can be heard, the second for
/// what only administrators' requests tell and do.
struct Cluster {
    reader: BaseConsumer<Complaints>,
    admin: AdminClient<Complaints>,
}

fn connect(settings: &Settings) -> Result<Cluster, Failure> {
    let config = settings.admin();
    let reader = config.create_with_context(Complaints::default()).map_err(|error| unusable(&error))?;
    let admin = config.create_with_context(Complaints::default()).map_err(|error| unusable(&error))?;
    Ok(Cluster { reader, admin })
}

/// Asks for all topics until the cluster answers or the time to connect is over.
fn ask(cluster: &Cluster, settings: &Settings) -> Result<Metadata, Failure> {
    let deadline = Instant::now() + settings.connect_timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = left.min(settings.request_timeout).max(Duration::from_millis(100));
        let error = match cluster.reader.fetch_metadata(None, timeout) {
            Ok(metadata) => return Ok(metadata),
            Err(error) => error,
        };
        // One event a poll: logs, and the complaints among them.
        for _ in 0..EVENTS {
            drop(cluster.reader.poll(Duration::ZERO));
        }
        let complaint = cluster.reader.context().last();
        let hopeless = complaint.as_ref().is_some_and(|complaint| complaint.hopeless);
        if hopeless || Instant::now() >= deadline {
            let reason = complaint.map_or_else(|| error.to_string(), |complaint| complaint.text);
            return Err(unreachable(settings, &reason));
        }
    }
}

fn unreachable(settings: &Settings, reason: &str) -> Failure {
    Failure::stop(format!(
        "no broker of {} can be used: {reason}; check kafka.brokers, the network and the security properties",
        settings.brokers.join(",")
    ))
}

/// Says of topics that cannot be seen whether they are missing or hidden.
fn absent(cluster: &Cluster, settings: &Settings, missing: &[&str]) -> String {
    let hidden: Vec<&str> =
        missing.iter().copied().filter(|name| is_hidden(cluster, settings, name)).collect();
    let say = |name: &&str| {
        if hidden.contains(name) {
            format!("topic {name} may not be described by this client: grant it Describe, Read and Write")
        } else {
            format!("topic {name} does not exist: create it, or set topics.create to true")
        }
    };
    missing.iter().map(say).collect::<Vec<_>>().join("; ")
}

fn is_hidden(cluster: &Cluster, settings: &Settings, name: &str) -> bool {
    matches!(describe(cluster, settings, name), Err(RDKafkaErrorCode::TopicAuthorizationFailed))
}

/// A topic's configuration; none if it has none.
fn describe(
    cluster: &Cluster,
    settings: &Settings,
    name: &str,
) -> Result<Option<ConfigResource>, RDKafkaErrorCode> {
    let options = AdminOptions::new().request_timeout(Some(settings.request_timeout));
    let topic = ResourceSpecifier::Topic(name);
    let results = block_on(cluster.admin.describe_configs([&topic], &options));
    let results = results.map_err(|error| error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail))?;
    results.into_iter().next().transpose()
}

/// Topics as they are to be made. Hits and windows have equally many partitions, so that one that is there decides.
fn shaped<'a>(
    settings: &'a Settings,
    shape: NewTopics,
    metadata: &Metadata,
    missing: &[&Wanted<'a>],
) -> Vec<NewTopic<'a>> {
    let pair = [settings.topics.hits.as_str(), settings.topics.windows.as_str()];
    let of_pair = pair.into_iter().find_map(|name| find(metadata, name));
    let of_pair = of_pair.and_then(|topic| i32::try_from(topic.partitions().len()).ok());
    let replicas = shape.replication.unwrap_or(-1);
    let topic = |wanted: &&Wanted<'a>| {
        let fixed = of_pair.filter(|_| pair.contains(&wanted.name));
        let partitions = fixed.or(shape.partitions).unwrap_or(-1);
        let topic = NewTopic::new(wanted.name, partitions, TopicReplication::Fixed(replicas));
        wanted.configured(replicas).fold(topic, |topic, (key, value)| topic.set(key, value))
    };
    missing.iter().map(topic).collect()
}

fn create(cluster: &Cluster, settings: &Settings, topics: &[NewTopic<'_>]) -> Result<(), Failure> {
    let options = AdminOptions::new()
        .request_timeout(Some(settings.request_timeout))
        .operation_timeout(Some(settings.request_timeout));
    let results = block_on(cluster.admin.create_topics(topics, &options))
        .map_err(|error| Failure::stop(format!("topics cannot be created: {error}")))?;
    let failed = results.into_iter().filter_map(Result::err);
    let refused: Vec<String> = failed
        // Another process of the group was quicker.
        .filter(|(_, code)| *code != RDKafkaErrorCode::TopicAlreadyExists)
        .map(|(name, code)| format!("topic {name} cannot be created: {code}"))
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(Failure::stop(refused.join("; "))) }
}

/// New topics take a moment to appear, with leaders.
fn await_topics(cluster: &Cluster, settings: &Settings, names: &[&str]) -> Result<Metadata, Failure> {
    let deadline = Instant::now() + settings.connect_timeout;
    loop {
        let metadata = ask(cluster, settings)?;
        let ready = |name: &&str| find(&metadata, name).is_some_and(|topic| leaderless(topic).is_empty());
        if names.iter().all(ready) {
            return Ok(metadata);
        }
        if Instant::now() > deadline {
            return Err(Failure::stop(format!("topics {} were created but are not ready", names.join(", "))));
        }
        thread::sleep(ASK_AGAIN);
    }
}

fn problems(
    cluster: &Cluster,
    settings: &Settings,
    wanted: &[Wanted<'_>],
    metadata: &Metadata,
) -> Vec<String> {
    let mut problems = Vec::new();
    for wanted in wanted {
        let Some(topic) = find(metadata, wanted.name) else {
            problems.push(format!("topic {} does not exist", wanted.name));
            continue;
        };
        problems.extend(unusable_topic(topic));
        problems.extend(forbidden(cluster, settings, wanted));
        if wanted.write {
            problems.extend(unwritable(cluster, settings, topic));
        }
    }
    problems
}

/// What the client is not allowed to do with a topic.
fn forbidden(cluster: &Cluster, settings: &Settings, wanted: &Wanted<'_>) -> Option<String> {
    let name = wanted.name;
    let access = access(cluster.reader.client(), name, settings.request_timeout)?;
    let denied = [("Read", wanted.read && !access.read), ("Write", wanted.write && !access.write)];
    let denied: Vec<&str> =
        denied.into_iter().filter(|(_, denied)| *denied).map(|(operation, _)| operation).collect();
    let told =
        || format!("this client is not authorized for topic {name}: grant it {}", denied.join(" and "));
    (!denied.is_empty()).then(told)
}

/// A hit's windows are kept under the number of its own partition.
fn uneven(settings: &Settings, metadata: &Metadata) -> Option<String> {
    let Topics { hits, windows, .. } = &settings.topics;
    let partitions = |name| find(metadata, name).map(|topic| topic.partitions().len());
    let (of_hits, of_windows) = (partitions(hits)?, partitions(windows)?);
    let told = || {
        format!(
            "topic {hits} has {of_hits} partitions and topic {windows} has {of_windows}: windows are kept by the partition \
             of their hits, which another number of partitions changes. Give {hits} as many as before, or delete both and \
             have them made anew, which forgets what has come together so far"
        )
    };
    (of_hits != of_windows).then(told)
}

/// What is wrong with the configuration of the topic of windows, and into `warnings` what hurts.
fn state(
    cluster: &Cluster,
    settings: &Settings,
    metadata: &Metadata,
    warnings: &mut Vec<String>,
) -> Option<String> {
    let name = &settings.topics.windows;
    let topic = find(metadata, name)?;
    let configuration = describe(cluster, settings, name).ok().flatten()?;
    let value = |key: &str| configuration.get(key)?.value.clone();
    let replicas = topic.partitions().iter().map(|partition| partition.replicas().len()).min().unwrap_or(0);
    warnings.extend(windows::warnings(name, replicas, &value));
    windows::problem(name, &value)
}

/// The same of the topic of hits.
fn of_hits(cluster: &Cluster, settings: &Settings, warnings: &mut Vec<String>) -> Vec<String> {
    let name = &settings.topics.hits;
    let Ok(Some(configuration)) = describe(cluster, settings, name) else { return Vec::new() };
    let value = |key: &str| configuration.get(key)?.value.clone();
    warnings.extend(hits::warnings(name, settings, &value));
    hits::problems(name, settings, &value)
}

fn unusable_topic(topic: &MetadataTopic) -> Option<String> {
    let name = topic.name();
    if let Some(error) = topic.error() {
        return Some(format!("topic {name} cannot be used: {}", RDKafkaErrorCode::from(error)));
    }
    if topic.partitions().is_empty() {
        return Some(format!("topic {name} has no partitions"));
    }
    let leaderless = leaderless(topic);
    if leaderless.is_empty() {
        return None;
    }
    let list = leaderless.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Some(format!("topic {name} has partitions without a leader ({list}): brokers are missing"))
}

fn leaderless(topic: &MetadataTopic) -> Vec<i32> {
    let partitions = topic.partitions().iter();
    partitions.filter(|partition| partition.leader() < 0).map(MetadataPartition::id).collect()
}

/// What would keep us from writing to the topic, as far as its configuration can be read: that needs a
/// permission that writing does not, and its absence is no problem.
fn unwritable(cluster: &Cluster, settings: &Settings, topic: &MetadataTopic) -> Vec<String> {
    let Ok(Some(configuration)) = describe(cluster, settings, topic.name()) else { return Vec::new() };
    let number = |key: &str| -> Option<usize> { configuration.get(key)?.value.as_ref()?.parse().ok() };
    let name = topic.name();
    let mut problems = Vec::new();
    let (largest, otherwise) = largest(settings, name);
    if let Some(limit) = number("max.message.bytes").filter(|limit| *limit < largest) {
        problems.push(format!(
            "topic {name} takes messages of at most {limit} bytes and ours may have {largest}: raise its \
             max.message.bytes{otherwise}"
        ));
    }
    let least = topic.partitions().iter().map(|partition| partition.isr().len()).min().unwrap_or(0);
    if let Some(needed) = number("min.insync.replicas").filter(|needed| *needed > least) {
        problems.push(format!(
            "topic {name} cannot be written: its min.insync.replicas is {needed} and a partition has {least} \
             in sync"
        ));
    }
    problems
}

/// Greatest size in bytes of what is written to a topic, and how it could be made smaller.
fn largest(settings: &Settings, topic: &str) -> (usize, &'static str) {
    if topic == settings.topics.windows {
        return (settings.max_windows, "");
    }
    (settings.max_message, " or lower limits.max_flag_size and limits.max_dead_letter_size")
}

/// The last thing the client complained about, which says more than a call that timed out.
#[derive(Default)]
struct Complaints(Mutex<Option<Complaint>>);

#[derive(Clone)]
struct Complaint {
    text: String,
    /// Waiting does not help.
    hopeless: bool,
}

impl Complaints {
    fn last(&self) -> Option<Complaint> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ClientContext for Complaints {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        if code == Some(RDKafkaErrorCode::AllBrokersDown) {
            return; // says less than what came before it
        }
        let hopeless = matches!(code, Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SSL));
        let complaint = Complaint { text: reason.to_owned(), hopeless };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(complaint);
    }
}

impl ConsumerContext for Complaints {}

/// Waits for one of the admin client's answers, which it gives from a thread of its own. An async runtime
/// for these few questions at the start would be all that needs one here.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
