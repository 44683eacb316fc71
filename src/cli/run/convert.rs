//! The configuration in the words of those who act on it.

use crate::config::{self, Config};
use crate::correlate::store;
use crate::kafka::Settings;
use crate::kafka::settings::{Delivery, NewTopics, OutOfRange, Role, Start, Topics};
use crate::worker::commit::CommitPolicy;
use crate::worker::stage;
use rustix::system::uname;

/// Room for key and headers beside the largest body.
const ENVELOPE: usize = 64 * 1024;

/// The settings of a command that reads or writes a topic outside the service: the configuration's, or else its default's,
/// with these brokers if some are named. Access and encryption are so told in one way for all.
pub(in crate::cli) fn connection(config: Option<Config>, brokers: &[String]) -> Result<Settings, String> {
    let config = config.map_or_else(|| config::load(None), Ok);
    let mut config = config.map_err(|problems| problems.to_string())?;
    if !brokers.is_empty() {
        config.kafka.brokers = brokers.to_vec();
    }
    settings(&config)
}

/// The settings of the Kafka shell.
pub(in crate::cli) fn settings(config: &Config) -> Result<Settings, String> {
    let kafka = &config.kafka;
    let largest = config.limits.max_flag_size.max(config.limits.max_dead_letter_size);
    Ok(Settings {
        brokers: kafka.brokers.clone(),
        role: Role::Match,
        group: kafka.group.clone(),
        instance: kafka.instance.clone().map_or_else(host_name, Ok)?,
        delivery: match kafka.delivery {
            config::Delivery::ExactlyOnce => Delivery::ExactlyOnce,
            config::Delivery::AtLeastOnce => Delivery::AtLeastOnce,
        },
        start: match kafka.start {
            config::Start::Earliest => Start::Earliest,
            config::Start::Latest => Start::Latest,
            config::Start::Time(millis) => Start::Time(millis),
        },
        out_of_range: match kafka.out_of_range {
            config::OutOfRange::Fail => OutOfRange::Fail,
            config::OutOfRange::Continue => OutOfRange::Continue,
        },
        static_members: true,
        leave_on_stop: kafka.leave_group_on_stop,
        session_timeout: kafka.session_timeout,
        transaction_timeout: kafka.transaction_timeout,
        message_timeout: kafka.message_timeout,
        request_timeout: kafka.request_timeout,
        connect_timeout: kafka.connect_timeout,
        watchdog: kafka.watchdog,
        batch: config.workers.batch,
        max_message: largest + ENVELOPE,
        max_windows: store::MOST_BYTES + ENVELOPE,
        topics: topics(&config.topics),
        hits: true,
        create: config.topics.create.then_some(NewTopics {
            partitions: Some(config.topics.partitions).filter(|count| *count > 0),
            replication: Some(config.topics.replication).filter(|count| *count > 0),
        }),
        properties: kafka.properties.0.clone(),
        consumer_properties: kafka.consumer.properties.0.clone(),
        producer_properties: kafka.producer.properties.0.clone(),
    })
}

fn topics(topics: &config::Topics) -> Topics {
    Topics {
        input: topics.input.clone(),
        flags: topics.flags.clone(),
        shadow: topics.shadow.clone(),
        dead_letters: topics.dead_letters.clone(),
        hits: topics.hits.clone(),
        windows: topics.windows.clone(),
    }
}

/// The host's name stands in for an instance that is not named: unique and stable on a plain machine.
///
/// Asked of the system and not read from `/proc`, of which a hardened unit shows processes only.
fn host_name() -> Result<String, String> {
    named(&uname().nodename().to_string_lossy())
}

/// Linux calls a host without a name so.
fn named(host: &str) -> Result<String, String> {
    match host {
        name if name == "(none)" || !config::is_kafka_name(name) => {
            Err("the host has no name to be told by, or none that Kafka takes: set kafka.instance to a name of this process that is \
                   unique in its group and the same after a restart"
                .to_owned())
        }
        name => Ok(name.to_owned()),
    }
}

/// When workers commit.
pub(super) fn policy(commit: &config::Commit) -> CommitPolicy {
    CommitPolicy {
        floor: commit.after,
        ceiling: commit.at_latest,
        interval: commit.idle,
        ..CommitPolicy::default()
    }
}

/// What the match stage guards.
pub(super) fn stage(limits: &config::Limits) -> stage::Settings {
    stage::Settings {
        flag_limit: limits.max_flag_size,
        dead_letter_limit: limits.max_dead_letter_size,
        tail_limit: limits.max_tail_size,
        grace_ms: i64::try_from(limits.window_grace.as_millis()).unwrap_or(i64::MAX),
        flood_limit: Some(limits.flags_per_minute).filter(|limit| *limit > 0),
        ..stage::Settings::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_without_an_instance_goes_by_its_host() {
        let own = host_name();
        assert!(own.as_ref().is_ok_and(|name| !name.is_empty()), "{own:?}");
        for nameless in ["", "(none)", "a:b"] {
            assert!(named(nameless).is_err_and(|told| told.contains("kafka.instance")), "{nameless}");
        }
    }
}
