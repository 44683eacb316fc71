//! What must hold between keys, which no key can check alone.

use super::layer::{Layer, Setting};
use super::problem::{Place, Problem};
use super::typed::{Config, Kafka, Topics};
use super::value::show_duration;

/// librdkafka's own `max.poll.interval.ms`, where nobody sets it.
const POLL_INTERVAL_MS: u128 = 300_000;

/// A demand: whether it holds, the two keys that it is about, and what it asks of the first.
type Demand = (bool, [&'static str; 2], &'static str);

/// Checks all. A problem is told where the user said the first of its keys, or the second.
pub(super) fn check(config: &Config, settings: &Layer, problems: &mut Vec<Problem>) {
    let demands = times(config).into_iter().chain(pseudonyms(config));
    let mut broken: Vec<_> = demands
        .filter(|(holds, ..)| !holds)
        .map(|(_, keys, demand)| (keys, format!("{}: {demand}", keys[0])))
        .collect();
    broken.extend(poll_interval(&config.kafka));
    broken.extend(topics(&config.topics));
    broken.extend(groups(&config.kafka));
    problems.extend(broken.into_iter().map(|(keys, message)| Problem {
        place: place_of(settings, keys),
        message,
        help: None,
    }));
}

fn times(config: &Config) -> [Demand; 7] {
    let kafka = &config.kafka;
    [
        (
            kafka.message_timeout < kafka.transaction_timeout,
            ["kafka.message_timeout", "kafka.transaction_timeout"],
            "must be less than kafka.transaction_timeout",
        ),
        (
            kafka.watchdog > kafka.transaction_timeout,
            ["kafka.watchdog", "kafka.transaction_timeout"],
            "must be more than kafka.transaction_timeout, which bounds a commit",
        ),
        (
            kafka.request_timeout < kafka.watchdog,
            ["kafka.request_timeout", "kafka.watchdog"],
            "must be less than kafka.watchdog, or a slow answer would end the process",
        ),
        (
            kafka.commit.after <= kafka.commit.at_latest,
            ["kafka.commit.after", "kafka.commit.at_latest"],
            "must not be more than kafka.commit.at_latest",
        ),
        (
            kafka.commit.at_latest < kafka.transaction_timeout,
            ["kafka.commit.at_latest", "kafka.transaction_timeout"],
            "must be less than kafka.transaction_timeout",
        ),
        (
            kafka.commit.idle < config.limits.max_commit_age,
            ["kafka.commit.idle", "limits.max_commit_age"],
            "must be less than limits.max_commit_age, or the process would never be ready",
        ),
        (
            kafka.commit.at_latest < config.limits.max_commit_age,
            ["kafka.commit.at_latest", "limits.max_commit_age"],
            "must be less than limits.max_commit_age, or the process would never be ready",
        ),
    ]
}

fn pseudonyms(config: &Config) -> [Demand; 2] {
    let pseudonyms = &config.events.pseudonyms;
    let wanted = !pseudonyms.fields.is_empty();
    [
        (
            !wanted || pseudonyms.key_file.is_some(),
            ["events.pseudonyms.key_file", "events.pseudonyms.fields"],
            "must be set when events.pseudonyms.fields names fields",
        ),
        (
            !wanted || pseudonyms.key_id.is_some(),
            ["events.pseudonyms.key_id", "events.pseudonyms.fields"],
            "must be set when events.pseudonyms.fields names fields",
        ),
    ]
}

/// The client refuses this pair as well, but by its own names and without a place.
fn poll_interval(kafka: &Kafka) -> Option<([&'static str; 2], String)> {
    let set = |properties: &super::Properties| properties.0.get("max.poll.interval.ms").cloned();
    let given = set(&kafka.consumer.properties).or_else(|| set(&kafka.properties));
    let bound = given.and_then(|text| text.parse().ok()).unwrap_or(POLL_INTERVAL_MS);
    let told = || {
        let bound = show_duration(i64::try_from(bound).unwrap_or(i64::MAX));
        format!(
            "kafka.session_timeout: must not be more than the consumer's max.poll.interval.ms, which is \
             {bound}; set that in [kafka.consumer.properties] if you need more"
        )
    };
    (kafka.session_timeout.as_millis() > bound).then(|| (["kafka.session_timeout"; 2], told()))
}

/// Of a group whose members read different topics, each would be given partitions of which it reads none.
fn groups(kafka: &Kafka) -> Option<([&'static str; 2], String)> {
    let told = "kafka.correlate_group: must differ from kafka.group: its workers read another topic";
    let same = kafka.correlate_group() == kafka.group;
    same.then(|| (["kafka.correlate_group", "kafka.group"], told.to_owned()))
}

fn topics(topics: &Topics) -> Vec<([&'static str; 2], String)> {
    let all = [
        ("topics.input", &topics.input),
        ("topics.flags", &topics.flags),
        ("topics.shadow", &topics.shadow),
        ("topics.dead_letters", &topics.dead_letters),
        ("topics.hits", &topics.hits),
        ("topics.windows", &topics.windows),
    ];
    let pairs = (0..all.len()).flat_map(|first| (first + 1..all.len()).map(move |second| (first, second)));
    let same = pairs.filter(|(first, second)| all[*first].1 == all[*second].1);
    let told = same.map(|(first, second)| {
        let keys = [all[second].0, all[first].0];
        let why = match first {
            0 => "Wardline would read its own output",
            _ => "nobody could tell what is for whom",
        };
        (keys, format!("{}: must differ from {}, or {why}", keys[0], keys[1]))
    });
    told.collect()
}

fn place_of(settings: &Layer, keys: [&str; 2]) -> Option<Place> {
    let given = |key: &str| settings.keys.get(key).map(|Setting { place, .. }| place.clone());
    let by_user = |place: &Place| !matches!(place, Place::File(name, ..) if &**name == super::BUILT_IN);
    keys.into_iter().find_map(|key| given(key).filter(by_user))
}
