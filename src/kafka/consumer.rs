//! The source: a member of the consumer group that reads its partitions in batches.
//!
//! Every start is a numeric offset that is known before the first record: the committed one, or, where
//! there is none, what the configuration's start comes to. The client is never left to find it out, because
//! an outdated answer of the coordinator can start a partition that came, went and came back from far too
//! early, and no transaction protects against a wrong start.
//!
//! For the same reason an offset that no longer exists is an error here and not a reset. If the
//! configuration allows going on, the partition is given back to the worker as revoked, so that what was
//! taken of it is committed, and then assigned anew at the oldest record that is left.
#![expect(clippy::disallowed_methods, reason = "bounds how long the start offsets are asked for")]

use super::archive::{Archive, Step};
use super::foreign::batch::{Client, Message};
use super::foreign::c_name;
use super::foreign::member::is_member;
use super::producer::offset_list;
use super::rebalance::{Direction, Events, Rebalance, blank_list, held};
use super::settings::{OutOfRange, Role};
use super::starts::{Found, Rule, Search, Trouble};
use super::verdict::{is_corrupt, is_fenced, is_refused};
use super::{Shared, unusable};
use crate::event::Record;
use crate::position::Begin;
use crate::worker::{Change, Failure, Source};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::TopicPartitionList;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// The main queue, with its rebalances and errors, is served at least this often.
const SERVE: Duration = Duration::from_millis(50);

/// The client's name of `LogTruncation` within a text (librdkafka 2.12, `rdkafka_offset.c`, `rdkafka.c`).
const CUT: &str = "Partition log truncation detected";

/// Errors of a partition in a row, without a record of it in between, after which a fresh start is tried.
const MOST_FAILURES: u32 = 50;

/// Events of the main queue served at a time; more than come in a burst, fewer than would delay records.
const MOST_EVENTS: usize = 1_000;

/// Partitions of the input topic, read by one member of the group.
pub struct Input {
    client: Client<Events>,
    shared: Shared,
    topic: Arc<str>,
    c_topic: CString,
    /// What partitions reported in the place of records, to be dealt with.
    problems: Vec<Problem>,
    /// Errors of partitions since their last records.
    failures: BTreeMap<i32, u32>,
    /// The partition that is let go next because the offset to read does not exist any more, to come anew.
    expired: Option<i32>,
    /// Partitions that come, until it is known where they begin.
    search: Search,
    /// Of those whose beginning is known, what is kept of them, where the role keeps anything.
    archive: Option<Archive>,
    /// After a chunk of what is kept it is the turn of the partitions that are here.
    turn: bool,
}

impl Input {
    /// Joins the group.
    pub(super) fn join(shared: &Shared) -> Result<Self, Failure> {
        let config = shared.settings.consumer(shared.number);
        let events = Events::new(shared.clone());
        let consumer: BaseConsumer<Events> =
            config.create_with_context(events).map_err(|error| unusable(&error))?;
        let Some(client) = Client::new(consumer, shared.settings.batch) else {
            return Err(Failure::stop("the consumer has no queue for its worker"));
        };
        let topic = shared.settings.topics.input.as_str();
        client.consumer().subscribe(&[topic]).map_err(|error| unusable(&error))?;
        Ok(Self {
            client,
            shared: shared.clone(),
            topic: Arc::from(topic),
            c_topic: c_name(topic),
            problems: Vec::new(),
            failures: BTreeMap::new(),
            expired: None,
            search: Search::new(),
            archive: (shared.settings.role == Role::Correlate).then(|| Archive::new(shared)),
            turn: false,
        })
    }

    /// The client, for the sink that commits its offsets.
    pub(super) fn consumer(&self) -> Weak<BaseConsumer<Events>> {
        Arc::downgrade(self.client.consumer())
    }

    /// Closes the client. Everything must be committed by now. A static member stays in its group for its
    /// restart, unless the configuration wants it to leave.
    pub fn close(mut self) {
        self.client.discard();
        if self.shared.settings.leave_on_stop {
            self.leave();
        }
    }

    /// A close alone does not make a static member leave; giving up the subscription does, unless the close
    /// comes before the leave was sent.
    fn leave(&self) {
        let consumer = self.client.consumer();
        consumer.context().abandon(consumer);
        consumer.unsubscribe();
        let deadline = Instant::now() + self.shared.settings.request_timeout;
        while is_member(consumer.client()) && Instant::now() < deadline {
            // What still arrives is of no interest: everything that was taken is committed.
            drop(consumer.poll(Duration::from_millis(10)));
        }
    }

    /// Serves all that waits on the main queue: rebalances end in the context, errors here. One event a call
    /// would let a burst of log lines, as from brokers that are down, delay a rebalance by seconds.
    fn serve(&self) -> Result<(), Failure> {
        let consumer = self.client.consumer();
        for _ in 0..MOST_EVENTS {
            let served = consumer.context().served();
            match consumer.poll(Duration::ZERO) {
                // Not one was ever seen. If one comes, taking it here would leave a gap in the worker's
                // order; reading again from the last commit does not.
                Some(Ok(_)) => return Err(Failure::rewind("a record arrived outside the worker's queue")),
                Some(Err(error)) => self.judge(&error)?,
                None if consumer.context().served() == served => break,
                None => {}
            }
        }
        Ok(())
    }

    /// Ends the process on errors that do not go away by themselves; the rest is counted by the context.
    fn judge(&self, error: &KafkaError) -> Result<(), Failure> {
        let code = error.rdkafka_error_code();
        let fatal = matches!(error, KafkaError::MessageConsumptionFatal(_));
        if code.is_some_and(is_fenced) {
            let member = &self.shared.settings.instance;
            return Err(Failure::stop(format!(
                "another live process took over this one's place in the group: kafka.instance {member} is \
                 used twice, or this process was silent for too long ({error})"
            )));
        }
        if fatal || code.is_some_and(is_refused) {
            return Err(Failure::stop(format!("the consumer of topic {} failed: {error}", self.topic)));
        }
        Ok(())
    }

    /// What changes next. What the group asks for comes first: it says which partitions are ours at all.
    fn change(&mut self) -> Result<Option<Change>, Failure> {
        if let Some(Rebalance { direction, partitions }) = self.client.consumer().context().first() {
            match direction {
                Direction::Come => self.welcome(&partitions)?,
                Direction::Go => return Ok(Some(Change::Revoked(partitions))),
                Direction::Gone => return Ok(Some(Change::Lost(partitions))),
            }
            // Said at once if none come: it is what tells an idle member from one that has not joined.
            if partitions.is_empty() {
                return Ok(Some(Change::Assigned(Vec::new())));
            }
        }
        while let Some(problem) = self.problems.pop() {
            if let Some(change) = self.expire(&problem)? {
                return Ok(Some(change));
            }
        }
        match self.found()? {
            Some(change) => Ok(Some(change)),
            None => self.restored(),
        }
    }

    /// Answers that partitions come without taking them over yet: the client holds all others up until it is
    /// answered, and where these begin may take a while to find out.
    fn welcome(&mut self, partitions: &[i32]) -> Result<(), Failure> {
        self.incremental_assign(&TopicPartitionList::new())?;
        self.client.consumer().context().answered();
        self.search.add(partitions, Rule::Committed);
        Ok(())
    }

    /// Looks for where the partitions that come begin. They are taken over then, or what is kept of them is read first.
    fn found(&mut self) -> Result<Option<Change>, Failure> {
        if !self.search.is_due() {
            return Ok(None);
        }
        let Found { starts, trouble } = self.search.attempt(self.client.consumer(), &self.shared);
        if let Some(trouble) = trouble {
            self.search.weigh(&self.shared, &trouble)?;
            if let Trouble::Unanswered(error) = trouble {
                self.judge(&error)?;
            }
        }
        if starts.is_empty() {
            return Ok(None);
        }
        if let Some(archive) = &mut self.archive {
            archive.add(&starts);
            return Ok(None);
        }
        self.take_over(starts).map(Some)
    }

    /// Goes on with what is kept of the partitions that come.
    fn restored(&mut self) -> Result<Option<Change>, Failure> {
        let Some(archive) = self.archive.as_mut().filter(|_| !self.turn) else {
            return Ok(None);
        };
        match archive.step()? {
            Step::Nothing => Ok(None),
            Step::Kept(kept) => {
                self.turn = true;
                Ok(Some(Change::Restored(kept)))
            }
            Step::Whole(starts) => self.take_over(starts).map(Some),
        }
    }

    fn take_over(&mut self, starts: Vec<Begin>) -> Result<Change, Failure> {
        let offsets: Vec<_> = starts.iter().map(|start| (start.partition, start.recall)).collect();
        self.assign(&offsets)?;
        Ok(Change::Assigned(starts))
    }

    /// How long to wait for records at most: not at all between two chunks of what is kept.
    fn patience(&mut self, wait: Duration) -> Duration {
        let turn = std::mem::take(&mut self.turn);
        match self.archive.as_ref().and_then(Archive::patience) {
            Some(_) if turn => Duration::ZERO,
            Some(patience) => wait.min(SERVE).min(patience),
            None => wait.min(SERVE),
        }
    }

    /// Reads partitions from these offsets on.
    fn assign(&self, offsets: &[(i32, i64)]) -> Result<(), Failure> {
        self.forward(offsets)?;
        self.incremental_assign(&offset_list(&self.topic, offsets))?;
        // Again: if these were let go a moment ago, the end of that has undone the first.
        self.forward(offsets)
    }

    fn forward(&self, offsets: &[(i32, i64)]) -> Result<(), Failure> {
        let stuck = offsets.iter().find(|(partition, _)| !self.client.forward(&self.c_topic, *partition));
        match stuck {
            Some((partition, _)) => Err(Failure::stop(format!("{}[{partition}] has no queue", self.topic))),
            None => Ok(()),
        }
    }

    fn incremental_assign(&self, list: &TopicPartitionList) -> Result<(), Failure> {
        let _watched = self.shared.watchdog.watch("incremental_assign");
        let assigned = self.client.consumer().incremental_assign(list);
        assigned.map_err(|error| self.failed("take over partitions of", &error))
    }

    /// Stops reading those of the partitions that are being read.
    fn unassign(&self, partitions: &[i32]) -> Result<(), Failure> {
        let _watched = self.shared.watchdog.watch("incremental_unassign");
        let consumer = self.client.consumer();
        let held = held(consumer, &blank_list(&self.topic, partitions));
        let released = held.and_then(|held| consumer.incremental_unassign(&held));
        released.map_err(|error| self.failed("let go of partitions of", &error))
    }

    fn failed(&self, action: &str, error: &KafkaError) -> Failure {
        Failure::stop(format!("the consumer could not {action} topic {}: {error}", self.topic))
    }

    /// Lets go of a partition whose next offset does not exist any more, if that is allowed.
    fn expire(&mut self, problem: &Problem) -> Result<Option<Change>, Failure> {
        let Problem { partition, text, .. } = problem;
        let list = blank_list(&self.topic, &[*partition]);
        // It may have gone to another member since, and is no business of ours then.
        if held(self.client.consumer(), &list).is_ok_and(|held| held.count() == 0) {
            return Ok(None);
        }
        if self.shared.settings.out_of_range == OutOfRange::Fail {
            return Err(Failure::stop(format!(
                "the offset to read next in {}[{partition}] does not exist any more: records were removed before \
                 they were read, or the log was cut ({text}); set kafka.out_of_range to \"continue\" to go on at \
                 the oldest record that is left",
                self.topic
            )));
        }
        self.shared.observer.out_of_range(self.shared.slot, *partition, text);
        self.expired = Some(*partition);
        Ok(Some(Change::Revoked(vec![*partition])))
    }

    /// What follows from an error in the place of a record that no new start of its partition repairs. The
    /// client goes on behind it, so nothing of this batch may be taken: reading again from the last commit
    /// brings what lies between, or the same error again.
    fn damage(&mut self, problem: &Problem) -> Failure {
        let Problem { partition, code, text } = problem;
        let place = format!("{}[{partition}]", self.topic);
        self.shared.observer.client_error(self.shared.slot, &code.to_string(), text);
        if is_refused(*code) {
            return Failure::stop(format!("{place} cannot be read: {text}"));
        }
        if problem.is_cut() {
            return Failure::stop(format!(
                "{place} was cut before the offset to read next, and what we have read is not what it holds ({text}); \
                 set the offset of group {} with Kafka's own tools",
                self.shared.settings.group
            ));
        }
        if is_corrupt(*code) {
            return Failure::stop(format!(
                "{place} holds records that cannot be read: {text}; repair the log, or set the offset of group {} \
                 beyond them with Kafka's own tools",
                self.shared.settings.group
            ));
        }
        let failures = self.failures.entry(*partition).or_default();
        *failures += 1;
        if *failures > MOST_FAILURES {
            return Failure::stop(format!(
                "{place} could not be read {MOST_FAILURES} times in a row: {text}"
            ));
        }
        Failure::rewind(format!("{place}: {text}"))
    }
}

/// An error in the place of a record.
struct Problem {
    partition: i32,
    code: RDKafkaErrorCode,
    text: String,
}

impl Problem {
    fn of(message: Message<'_>, code: RDKafkaErrorCode) -> Self {
        Self { partition: message.partition(), code, text: message.error_text() }
    }

    /// The offset to read next does not exist any more.
    fn is_expiry(&self) -> bool {
        matches!(self.code, RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange)
            && !self.is_cut()
    }

    /// An election has cut the log behind our back. The client gives that the same code as to any other offset
    /// that it cannot read, with the reason at the end of the text.
    fn is_cut(&self) -> bool {
        self.code == RDKafkaErrorCode::LogTruncation || self.text.contains(CUT)
    }
}

impl Source for Input {
    /// Changes come alone, without records: the worker has to carry them out before it takes any.
    fn poll(&mut self, wait: Duration, take: &mut dyn FnMut(&[Record<'_>])) -> Result<Vec<Change>, Failure> {
        // The batch in hand is done with, and what is asked next may have to wait for it.
        self.client.discard();
        self.serve()?;
        if let Some(change) = self.change()? {
            return Ok(vec![change]);
        }
        let wait = self.patience(wait);
        let batch = self.client.take(wait);
        let mut records = Vec::with_capacity(batch.len());
        let mut problems = Vec::new();
        for message in batch.iter() {
            match message.error() {
                None => records.push(record(&self.topic, message)),
                Some(code) => problems.push(Problem::of(message, code)),
            }
        }
        let damaged = problems.iter().position(|problem| !problem.is_expiry());
        if let Some(problem) = damaged.map(|index| problems.swap_remove(index)) {
            return Err(self.damage(&problem));
        }
        if !self.failures.is_empty() {
            self.failures.retain(|partition, _| records.iter().all(|record| record.partition != *partition));
        }
        if !records.is_empty() {
            take(&records);
        }
        self.problems.extend(problems);
        Ok(Vec::new())
    }

    fn rewind(&mut self, offsets: &[(i32, i64)]) -> Result<(), Failure> {
        self.client.discard();
        if offsets.is_empty() {
            return Ok(());
        }
        let watched = self.shared.watchdog.watch("seek");
        let list = offset_list(&self.topic, offsets);
        let sought = self.client.consumer().seek_partitions(list, self.shared.settings.request_timeout);
        drop(watched);
        let failed: Vec<(i32, i64)> = match sought {
            Ok(list) => offsets
                .iter()
                .filter(|(partition, _)| !is_sought(&list, &self.topic, *partition))
                .copied()
                .collect(),
            Err(_) => offsets.to_vec(),
        };
        if failed.is_empty() {
            return Ok(());
        }
        // A partition that is not being fetched cannot be sought in, but it can be started anew.
        let partitions: Vec<i32> = failed.iter().map(|(partition, _)| *partition).collect();
        self.unassign(&partitions)?;
        self.assign(&failed)
    }

    fn release(&mut self, partitions: &[i32]) -> Result<(), Failure> {
        self.client.discard();
        self.unassign(partitions)?;
        if let Some(partition) = self.expired.take() {
            // Let go without having been asked for, and an answer to nobody.
            self.search.add(&[partition], Rule::Left);
        } else {
            self.search.remove(partitions);
            if let Some(archive) = &mut self.archive {
                archive.remove(partitions)?;
            }
            self.client.consumer().context().answered();
        }
        Ok(())
    }

    fn lag(&self, next: &[(i32, i64)]) -> Vec<(i32, i64)> {
        let known = next.iter().filter_map(|(partition, offset)| {
            let end = self.client.known_end(&self.c_topic, *partition)?;
            Some((*partition, (end - offset).max(0)))
        });
        known.collect()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        let consumer = self.client.consumer();
        consumer.context().abandon(consumer);
    }
}

fn record<'a>(topic: &'a Arc<str>, message: Message<'a>) -> Record<'a> {
    Record {
        topic,
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp(),
        key: message.key(),
        payload: message.payload(),
    }
}

fn is_sought(list: &TopicPartitionList, topic: &str, partition: i32) -> bool {
    list.find_partition(topic, partition).is_some_and(|element| element.error().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts are made as librdkafka makes them: the reason, then the name of the error behind it.
    #[test]
    fn what_was_removed_is_told_from_what_was_cut() {
        let cases = [
            (RDKafkaErrorCode::AutoOffsetReset, "fetch failed: Broker: Offset out of range (broker 1)", true),
            (RDKafkaErrorCode::OffsetOutOfRange, "Broker: Offset out of range", true),
            (
                RDKafkaErrorCode::AutoOffsetReset,
                "No epoch found: Local: Partition log truncation detected (broker 1)",
                false,
            ),
            (RDKafkaErrorCode::LogTruncation, "", false),
            (RDKafkaErrorCode::BadMessage, "Local: Bad message format", false),
        ];
        for (code, text, expiry) in cases {
            let problem = Problem { partition: 0, code, text: text.to_owned() };
            assert_eq!(problem.is_expiry(), expiry, "{code} {text}");
            assert_eq!(problem.is_cut(), !expiry && code != RDKafkaErrorCode::BadMessage, "{code} {text}");
        }
    }
}
