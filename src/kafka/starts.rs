//! Where partitions that come to a worker are read from: the committed offset, else the configured start.
//!
//! An open transaction of a dead member keeps its offsets back until it ends, which takes up to the
//! transaction's time-out. So an attempt is short, and between two of them the worker goes on with the
//! partitions that it has, and can be told to stop. All are asked for at once, and if that fails one at a time:
//! a joint question fails for one partition that cannot be answered.
//!
//! An offset that no longer exists has two causes that must not be confused. Behind the log's start, retention
//! was faster than we: if the configuration allows it, the oldest record left is the next. Beyond the log's end,
//! the log lost what we had read: nobody but the operator can say what is to be read again, so that ends the
//! process whatever the configuration says. (A log that was cut and has grown past our offset while nobody read
//! it cannot be told from one that was not.)
#![expect(clippy::disallowed_methods, reason = "paces and bounds the attempts")]

use super::Shared;
use super::producer::offset_list;
use super::rebalance::{Events, blank_list};
use super::settings::Start;
use crate::position::{Begin, Resume};
use crate::worker::Failure;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Bound of one question to the cluster, and about that of an attempt.
const ATTEMPT: Duration = Duration::from_millis(500);

/// From an attempt that failed to the next; doubled with every further one.
const PAUSE: Duration = Duration::from_millis(100);

/// The pause is doubled so often at most.
const MOST_DOUBLINGS: u32 = 4;

/// How a start is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The committed offset, else the configured start.
    Committed,
    /// The committed offset or the oldest record that is left, whichever comes later: records were removed
    /// before they were read.
    Left,
}

/// Why starts are not known.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The cluster gives no answer.
    Unanswered(KafkaError),
    /// The committed offset lies beyond the partition's end.
    Beyond { partition: i32, committed: i64, end: i64 },
}

impl From<KafkaError> for Trouble {
    fn from(error: KafkaError) -> Self {
        Self::Unanswered(error)
    }
}

type Answer<T> = Result<T, Trouble>;

/// The partitions whose starts are to be found.
#[derive(Debug)]
pub(super) struct Search {
    coming: BTreeMap<i32, Wanted>,
    /// Attempts in a row that failed; none for as long as all are asked for at once.
    failed: u32,
    /// The partition that was asked for last, if they are asked for one at a time.
    last: i32,
    /// No attempt before.
    next: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Wanted {
    rule: Rule,
    since: Instant,
}

/// What an attempt came to.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) starts: Vec<Begin>,
    /// Why it is not more.
    pub(super) trouble: Option<Trouble>,
}

impl Search {
    pub(super) fn new() -> Self {
        Self { coming: BTreeMap::new(), failed: 0, last: i32::MIN, next: Instant::now() }
    }

    pub(super) fn add(&mut self, partitions: &[i32], rule: Rule) {
        let since = Instant::now();
        self.coming.extend(partitions.iter().map(|partition| (*partition, Wanted { rule, since })));
        self.rest();
    }

    pub(super) fn remove(&mut self, partitions: &[i32]) {
        self.coming.retain(|partition, _| !partitions.contains(partition));
        self.rest();
    }

    /// The next search begins afresh.
    fn rest(&mut self) {
        if self.coming.is_empty() {
            *self = Self::new();
        }
    }

    /// True if there is something to look for, and an attempt is due.
    pub(super) fn is_due(&self) -> bool {
        !self.coming.is_empty() && Instant::now() >= self.next
    }

    /// One attempt. What it finds is not looked for any longer.
    pub(super) fn attempt(&mut self, consumer: &BaseConsumer<Events>, shared: &Shared) -> Found {
        let found = Asker { consumer, shared }.starts(&self.asked());
        self.learn(&found);
        found
    }

    fn learn(&mut self, found: &Found) {
        for start in &found.starts {
            self.coming.remove(&start.partition);
        }
        if found.trouble.is_some() {
            self.next = Instant::now() + PAUSE * 2_u32.pow(self.failed.min(MOST_DOUBLINGS));
            self.failed += 1;
        }
        self.rest();
    }

    /// The partitions to ask for now.
    fn asked(&mut self) -> BTreeMap<i32, Rule> {
        let rules = |(partition, wanted): (&i32, &Wanted)| (*partition, wanted.rule);
        if self.failed == 0 {
            return self.coming.iter().map(rules).collect();
        }
        let after = self.coming.range(self.last.saturating_add(1)..).next();
        let turn = after.or_else(|| self.coming.first_key_value()).map(rules);
        self.last = turn.map_or(i32::MIN, |(partition, _)| partition);
        turn.into_iter().collect()
    }

    /// What follows from an attempt that failed: another one, or the end if that is of no use. A transaction that
    /// holds offsets back is ended by the cluster after its time-out; after twice that it hangs for good.
    pub(super) fn weigh(&self, shared: &Shared, trouble: &Trouble) -> Result<(), Failure> {
        let topic = &shared.settings.topics.input;
        let hopeless = |wanted: &&Wanted| wanted.since.elapsed() > 2 * shared.settings.transaction_timeout;
        match trouble {
            Trouble::Beyond { partition, committed, end } => Err(Failure::stop(format!(
                "the offset {committed} to read next in {topic}[{partition}] lies beyond its end {end}: the log was \
                 cut or the topic made anew; set the offset of group {} with Kafka's own tools",
                shared.settings.group
            ))),
            Trouble::Unanswered(error) if self.coming.values().any(|wanted| hopeless(&wanted)) => {
                Err(Failure::stop(format!(
                    "the cluster does not tell where to begin in {topic}, partitions {:?}: {error}; if the group's \
                     committed offsets are held back by a transaction that hangs, Kafka's kafka-transactions tool \
                     finds and aborts it",
                    self.coming.keys()
                )))
            }
            Trouble::Unanswered(_) => Ok(()),
        }
    }
}

struct Asker<'a> {
    consumer: &'a BaseConsumer<Events>,
    shared: &'a Shared,
}

impl Asker<'_> {
    fn topic(&self) -> &str {
        &self.shared.settings.topics.input
    }

    /// The starts that can be found in about the time of one question.
    fn starts(&self, asked: &BTreeMap<i32, Rule>) -> Found {
        let until = Instant::now() + ATTEMPT;
        let mut found = Found::default();
        let committed = match self.committed(asked) {
            Ok(committed) => committed,
            Err(trouble) => return Found { trouble: Some(trouble), ..found },
        };
        for (partition, committed) in committed {
            match self.start(asked.get(&partition), partition, committed) {
                Ok(start) => found.starts.push(start),
                Err(trouble) => return Found { trouble: Some(trouble), ..found },
            }
            if Instant::now() > until {
                break;
            }
        }
        found
    }

    fn committed(&self, asked: &BTreeMap<i32, Rule>) -> Answer<Vec<(i32, Option<Committed>)>> {
        let partitions: Vec<i32> = asked.keys().copied().collect();
        let list = blank_list(self.topic(), &partitions);
        let committed = self
            .watched("committed_offsets", || committed_in(&self.consumer.committed_offsets(list, ATTEMPT)?));
        Ok(committed?)
    }

    fn start(&self, rule: Option<&Rule>, partition: i32, committed: Option<Committed>) -> Answer<Begin> {
        let start = match (rule, committed) {
            (Some(Rule::Left), committed) => {
                self.left(partition, committed.map(|committed| committed.offset))?
            }
            (_, Some(Committed { offset, .. })) => Begin::at(partition, offset, true),
            (_, None) => Begin::at(partition, self.configured(partition)?, false),
        };
        match committed.and_then(|committed| committed.recall) {
            Some(recall) if start.committed && recall < start.offset => {
                let (oldest, end) = self.ends(partition)?;
                // Reading earlier would succeed in a log that was cut, and hide that it was.
                if start.offset > end {
                    return Err(Trouble::Beyond { partition, committed: start.offset, end });
                }
                Ok(start.recalling(recall, oldest))
            }
            _ => Ok(start),
        }
    }

    /// Where to go on after an offset that does not exist any more.
    fn left(&self, partition: i32, committed: Option<i64>) -> Answer<Begin> {
        let (oldest, end) = self.ends(partition)?;
        match committed {
            Some(committed) if committed > end => Err(Trouble::Beyond { partition, committed, end }),
            Some(offset) if offset >= oldest => Ok(Begin::at(partition, offset, true)),
            _ => Ok(Begin::at(partition, oldest, false)),
        }
    }

    fn configured(&self, partition: i32) -> Answer<i64> {
        match self.shared.settings.start {
            Start::Earliest => Ok(self.ends(partition)?.0),
            Start::Latest => Ok(self.ends(partition)?.1),
            Start::Time(millis) => self.since(partition, millis),
        }
    }

    /// The oldest offset of a partition, and the one after its newest.
    fn ends(&self, partition: i32) -> Answer<(i64, i64)> {
        let ends = self
            .watched("fetch_watermarks", || self.consumer.fetch_watermarks(self.topic(), partition, ATTEMPT));
        Ok(ends?)
    }

    /// By time; a partition without a record that late begins at its end.
    fn since(&self, partition: i32, millis: i64) -> Answer<i64> {
        let times = offset_list(self.topic(), &[(partition, millis.max(0))]);
        let found = self
            .watched("offsets_for_times", || offsets_of(&self.consumer.offsets_for_times(times, ATTEMPT)?))?;
        match found.first() {
            Some((_, Some(offset))) => Ok(*offset),
            _ => Ok(self.ends(partition)?.1),
        }
    }

    fn watched<T>(&self, call: &'static str, ask: impl FnOnce() -> KafkaResult<T>) -> KafkaResult<T> {
        let _watched = self.shared.watchdog.watch(call);
        ask()
    }
}

/// What a group has committed of a partition.
#[derive(Debug, Clone, Copy)]
struct Committed {
    offset: i64,
    recall: Option<i64>,
}

/// What is committed, in an answer; none where nothing is.
fn committed_in(list: &TopicPartitionList) -> KafkaResult<Vec<(i32, Option<Committed>)>> {
    let recalls = list.elements();
    let recalls = recalls.iter().map(|element| Resume::recall_in(element.metadata()));
    let offsets = offsets_of(list)?.into_iter().zip(recalls);
    let committed = offsets
        .map(|((partition, offset), recall)| (partition, offset.map(|offset| Committed { offset, recall })));
    Ok(committed.collect())
}

/// The numeric offsets of an answer; none where there is no number.
fn offsets_of(list: &TopicPartitionList) -> KafkaResult<Vec<(i32, Option<i64>)>> {
    let elements = list.elements();
    let offsets = elements.iter().map(|element| {
        element.error()?;
        let offset = match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        };
        Ok((element.partition(), offset))
    });
    offsets.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::error::RDKafkaErrorCode;

    fn found(partitions: &[i32], failed: bool) -> Found {
        let start = |partition: &i32| Begin::at(*partition, 0, true);
        let error = KafkaError::OffsetFetch(RDKafkaErrorCode::OperationTimedOut);
        let trouble = failed.then(|| Trouble::Unanswered(error));
        Found { starts: partitions.iter().map(start).collect(), trouble }
    }

    fn asked(search: &mut Search) -> Vec<i32> {
        search.asked().into_keys().collect()
    }

    #[test]
    fn all_are_asked_for_at_once_and_after_a_failure_one_by_one() {
        let mut search = Search::new();
        search.add(&[1, 4, 7], Rule::Committed);
        assert_eq!(asked(&mut search), [1, 4, 7]);
        search.learn(&found(&[], true));
        let turns: Vec<_> = (0..4).map(|_| asked(&mut search)).collect();
        assert_eq!(turns, [[1], [4], [7], [1]]);
        search.learn(&found(&[1, 7], false));
        assert_eq!(asked(&mut search), [4]);
        search.remove(&[4]);
        assert!(!search.is_due());
        search.add(&[2, 3], Rule::Left);
        assert_eq!(asked(&mut search), [2, 3], "a new search begins with all");
    }

    #[test]
    fn an_attempt_that_failed_is_followed_by_a_pause_whatever_else_comes() {
        let mut search = Search::new();
        search.add(&[1], Rule::Committed);
        assert!(search.is_due());
        search.learn(&found(&[], true));
        search.add(&[], Rule::Left);
        assert!(!search.is_due());
        search.add(&[2], Rule::Left);
        search.learn(&found(&[2], false));
        assert!(!search.is_due());
    }
}
