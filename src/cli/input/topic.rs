//! A Kafka topic in place of files: what happened since a time, or a sample of it.

use crate::cli::exit;
use crate::cli::generate::Share;
use crate::cli::pipeline::Log;
use crate::cli::run::convert;
use crate::clock;
use crate::config::Config;
use crate::event::Record;
use crate::kafka::history::History;
use clap::Args;
use jiff::{Span, SpanRelativeTo, Timestamp, Unit};
use sha2::{Digest as _, Sha256};
use std::io;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

/// Which topic, and what of it.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// With --topic: brokers to ask first, HOST:PORT, with commas between; by default the configuration's.
    #[arg(long, value_name = "BROKERS", value_delimiter = ',', requires = "topic")]
    brokers: Vec<String>,
    /// With --topic: this share of the records, such as `1%`. Records of one key are taken all or not at all, so that
    /// conversations stay whole where a topic is keyed by them.
    #[arg(long, value_name = "SHARE", requires = "topic")]
    sample: Option<Share>,
    /// With --topic: only records since then: so long ago, such as `24h` or `7d`, or a time (RFC 3339).
    #[arg(long, value_name = "TIME", requires = "topic")]
    since: Option<Since>,
    /// Read this Kafka topic in place of files, to the end that it has now. No group is joined and nothing is committed. Access
    /// and encryption are as the configuration says.
    #[arg(long, value_name = "TOPIC", conflicts_with_all = ["paths", "text"])]
    topic: Option<String>,
}

/// A time, or how long ago it was.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Since {
    Ago(f64),
    Time(Timestamp),
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Since, &'static str> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(Since::Time(time));
        }
        let span: Result<Span, _> = text.parse();
        let ms = span.and_then(|span| span.total((Unit::Millisecond, SpanRelativeTo::days_are_24_hours())));
        ms.ok()
            .filter(|ms| *ms > 0.0)
            .map(Since::Ago)
            .ok_or("expected how long ago, such as `24h` or `7d`, or a time such as 2026-11-23T10:00:00Z")
    }
}

impl Since {
    #[expect(clippy::cast_possible_truncation, reason = "longer ago than all time there is, it is all")]
    fn at(self, now_ms: i64) -> i64 {
        match self {
            Since::Ago(ms) => now_ms.saturating_sub(ms as i64),
            Since::Time(time) => time.as_millisecond(),
        }
    }
}

impl Arguments {
    /// Whether a topic is to be read.
    pub(super) fn is_named(&self) -> bool {
        self.topic.is_some()
    }

    /// The topic, if one is to be read; reached as the configuration says, or else as its default does.
    pub(super) fn open(&self, config: Option<Config>) -> Result<Option<Box<dyn Log>>, ExitCode> {
        let Some(topic) = &self.topic else { return Ok(None) };
        let unusable = |message: String| exit::failed(exit::BAD_CONFIGURATION, message);
        let settings = convert::connection(config, &self.brokers).map_err(unusable)?;
        let since = self.since.map(|since| since.at(clock::now_ms()));
        let history = History::open(&settings, topic, since);
        let history = history.map_err(|failure| exit::failed(exit::RUNTIME_FAILURE, failure))?;
        Ok(Some(Box::new(Sampled { history, share: self.sample })))
    }
}

/// A topic, or a share of it.
struct Sampled {
    history: History,
    share: Option<Share>,
}

impl Log for Sampled {
    fn name(&self) -> Arc<str> {
        Arc::clone(self.history.topic())
    }

    fn next(&mut self, see: &mut dyn FnMut(&Record<'_>)) -> io::Result<bool> {
        let share = self.share;
        let mut sampled = |record: &Record<'_>| {
            if share.is_none_or(|share| is_in(record, share)) {
                see(record);
            }
        };
        self.history.next(&mut sampled).map_err(io::Error::other)
    }
}

/// Whether a record is of the sample: by its key, else by its place. The same ones every time.
#[expect(clippy::cast_precision_loss, reason = "53 bits of a digest are plenty for a share")]
fn is_in(record: &Record<'_>, share: Share) -> bool {
    let mut hash = Sha256::new();
    if let Some(key) = record.key {
        hash.update(key);
    } else {
        hash.update(record.partition.to_be_bytes());
        hash.update(record.offset.to_be_bytes());
    }
    let digest = hash.finalize();
    let first = digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
    ((first >> 11) as f64) < share.0 * (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_both_forms() {
        let hour = 3_600_000;
        let cases = [("24h", 24 * hour), ("7d", 7 * 24 * hour), ("90m", hour * 3 / 2), ("1w", 7 * 24 * hour)];
        for (text, ago) in cases {
            assert_eq!(
                text.parse::<Since>().map(|since| since.at(10 * 24 * hour)),
                Ok(10 * 24 * hour - ago),
                "{text}"
            );
        }
        let time = "1970-01-01T01:00:00Z".parse::<Since>().expect("a time");
        assert_eq!(time.at(5), hour);
        for text in ["", "yesterday", "-3h", "0s", "24"] {
            assert!(text.parse::<Since>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_sample_holds_whole_keys_and_about_its_share() {
        let topic: Arc<str> = "t".into();
        let is_in = |key: Option<&str>, offset: i64, share: f64| {
            let key = key.map(str::as_bytes);
            let record = Record { topic: &topic, partition: 0, offset, timestamp: None, key, payload: None };
            is_in(&record, Share(share))
        };
        for number in 0..50 {
            let key = format!("r{number}");
            assert_eq!(is_in(Some(&key), 1, 0.3), is_in(Some(&key), 2, 0.3));
            assert!(is_in(Some(&key), 1, 1.0) && !is_in(Some(&key), 1, 0.0));
        }
        let taken = (0..10_000).filter(|offset| is_in(None, *offset, 0.3)).count();
        assert!((2_800..3_200).contains(&taken), "{taken}");
    }
}
