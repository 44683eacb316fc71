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

use super::foreign::batch::{Client, Message};
use super::foreign::c_name;
use super::producer::offset_list;
use super::rebalance::{Events, Rebalance, blank_list};
use super::settings::{OutOfRange, Start};
use super::verdict::{is_fenced, is_refused};
use super::{Shared, unusable};
use crate::event::Record;
use crate::worker::{Change, Failure, Source};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::ffi::CString;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// The main queue, with its rebalances and errors, is served at least this often.
const SERVE: Duration = Duration::from_millis(50);

/// Pause before the coordinator is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Partitions of the input topic, read by one member of the group.
pub struct Input {
    client: Client<Events>,
    shared: Shared,
    topic: Arc<str>,
    c_topic: CString,
    /// What partitions reported in the place of records, to be dealt with.
    problems: Vec<Problem>,
    /// Partitions whose offset was out of range: let go, and to be assigned anew.
    restart: Vec<i32>,
}

impl Input {
    /// Joins the group.
    pub(super) fn join(shared: &Shared) -> Result<Self, Failure> {
        let config = shared.settings.consumer(shared.slot);
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
            restart: Vec::new(),
        })
    }

    /// The client, for the sink that commits its offsets.
    pub(super) fn consumer(&self) -> Weak<BaseConsumer<Events>> {
        Arc::downgrade(self.client.consumer())
    }

    /// Closes the client. Everything must be committed by now. A static member stays in its group for its
    /// restart, unless the configuration wants it to leave.
    pub fn close(mut self) -> Result<(), Failure> {
        self.client.discard();
        if self.shared.settings.leave_on_stop {
            self.leave()?;
        }
        let watchdog = self.shared.watchdog.clone();
        let _watched = watchdog.watch("close");
        drop(self);
        Ok(())
    }

    /// A close alone does not make a static member leave; giving up the subscription does.
    fn leave(&mut self) -> Result<(), Failure> {
        self.client.consumer().unsubscribe();
        let deadline = Instant::now() + self.shared.settings.request_timeout;
        while Instant::now() < deadline && !self.is_unassigned() {
            self.serve(Duration::from_millis(10))?;
            while let Some(Rebalance::Revoke { partitions, .. }) = self.client.consumer().context().next() {
                self.release(&partitions)?;
            }
        }
        Ok(())
    }

    fn is_unassigned(&self) -> bool {
        self.client.consumer().assignment().is_ok_and(|list| list.count() == 0)
    }

    /// Serves the main queue: rebalances end in the context, errors here.
    fn serve(&self, wait: Duration) -> Result<(), Failure> {
        let mut wait = wait;
        while let Some(event) = self.client.consumer().poll(wait) {
            wait = Duration::ZERO;
            match event {
                // Not one was ever seen. If one comes, taking it here would leave a gap in the worker's
                // order; reading again from the last commit does not.
                Ok(_) => return Err(Failure::rewind("a record arrived outside the worker's queue")),
                Err(error) => self.judge(&error)?,
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

    /// Carries out the oldest change that waits.
    fn change(&mut self) -> Result<Option<Change>, Failure> {
        if !self.restart.is_empty() {
            let partitions = std::mem::take(&mut self.restart);
            let starts = self.oldest(&partitions)?;
            return self.assign(starts).map(Some);
        }
        while let Some(problem) = self.problems.pop() {
            if let Some(change) = self.reported(&problem)? {
                self.restart.push(problem.partition);
                return Ok(Some(change));
            }
        }
        match self.client.consumer().context().next() {
            None => Ok(None),
            Some(Rebalance::Assign(partitions)) => {
                let starts = self.starts(&partitions)?;
                self.assign(starts).map(Some)
            }
            Some(Rebalance::Revoke { partitions, lost: true }) => Ok(Some(Change::Lost(partitions))),
            Some(Rebalance::Revoke { partitions, lost: false }) => Ok(Some(Change::Revoked(partitions))),
        }
    }

    /// Takes over partitions at their starts. An empty list has to be acknowledged as well.
    fn assign(&mut self, starts: Vec<(i32, i64)>) -> Result<Change, Failure> {
        for (partition, _) in &starts {
            if !self.client.forward(&self.c_topic, *partition) {
                return Err(Failure::stop(format!("{}[{partition}] has no queue", self.topic)));
            }
        }
        let list = offset_list(&self.topic, &starts);
        let assigned = self.client.consumer().incremental_assign(&list);
        assigned.map_err(|error| self.failed("take over partitions of", &error))?;
        Ok(Change::Assigned(starts))
    }

    /// Where each partition is to be read from: the committed offset, else the configured start.
    fn starts(&self, partitions: &[i32]) -> Result<Vec<(i32, i64)>, Failure> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let committed = self.ask("committed_offsets", |consumer, timeout| {
            let list = blank_list(&self.topic, partitions);
            offsets_of(&consumer.committed_offsets(list, timeout)?)
        })?;
        let fresh: Vec<i32> = committed
            .iter()
            .filter(|(_, offset)| offset.is_none())
            .map(|(partition, _)| *partition)
            .collect();
        let mut starts = self.configured_starts(&fresh)?;
        starts.extend(committed.iter().filter_map(|(partition, offset)| Some((*partition, (*offset)?))));
        starts.sort_unstable();
        Ok(starts)
    }

    fn configured_starts(&self, partitions: &[i32]) -> Result<Vec<(i32, i64)>, Failure> {
        match self.shared.settings.start {
            Start::Earliest => self.oldest(partitions),
            Start::Latest => self.ends(partitions, |(_, end)| end),
            Start::Time(millis) => self.since(partitions, millis),
        }
    }

    fn oldest(&self, partitions: &[i32]) -> Result<Vec<(i32, i64)>, Failure> {
        self.ends(partitions, |(start, _)| start)
    }

    fn ends(&self, partitions: &[i32], choose: fn((i64, i64)) -> i64) -> Result<Vec<(i32, i64)>, Failure> {
        let of = |partition: &i32| {
            let ends = self.ask("fetch_watermarks", |consumer, timeout| {
                consumer.fetch_watermarks(&self.topic, *partition, timeout)
            })?;
            Ok((*partition, choose(ends)))
        };
        partitions.iter().map(of).collect()
    }

    /// By time; a partition without a record that late begins at its end.
    fn since(&self, partitions: &[i32], millis: i64) -> Result<Vec<(i32, i64)>, Failure> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let times: Vec<_> = partitions.iter().map(|partition| (*partition, millis.max(0))).collect();
        let found = self.ask("offsets_for_times", |consumer, timeout| {
            offsets_of(&consumer.offsets_for_times(offset_list(&self.topic, &times), timeout)?)
        })?;
        let none: Vec<i32> =
            found.iter().filter(|(_, offset)| offset.is_none()).map(|(partition, _)| *partition).collect();
        let mut starts = self.ends(&none, |(_, end)| end)?;
        starts.extend(found.iter().filter_map(|(partition, offset)| Some((*partition, (*offset)?))));
        Ok(starts)
    }

    /// Asks until there is an answer. An open transaction of a dead member keeps its offsets back until it
    /// ends, and a rebalance must not fail for that; a transaction cannot be open longer than its time-out.
    fn ask<T>(
        &self,
        name: &'static str,
        question: impl Fn(&BaseConsumer<Events>, Duration) -> Result<T, KafkaError>,
    ) -> Result<T, Failure> {
        let deadline = Instant::now() + 2 * self.shared.settings.transaction_timeout;
        loop {
            let watched = self.shared.watchdog.watch(name);
            let answer = question(self.client.consumer(), self.shared.settings.request_timeout);
            drop(watched);
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) if Instant::now() > deadline => return Err(self.failed(name, &error)),
                Err(error) => self.judge(&error)?,
            }
            thread::sleep(ASK_AGAIN);
        }
    }

    fn failed(&self, action: &str, error: &KafkaError) -> Failure {
        Failure::stop(format!("the consumer could not {action} topic {}: {error}", self.topic))
    }

    /// What a partition reports in the place of a record.
    fn reported(&self, problem: &Problem) -> Result<Option<Change>, Failure> {
        let Problem { partition, code, text } = problem;
        let place = format!("{}[{partition}]", self.topic);
        match code {
            RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange => {
                if self.shared.settings.out_of_range == OutOfRange::Fail {
                    return Err(Failure::stop(format!(
                        "the offset to read next in {place} does not exist any more: records were removed \
                         before they were read ({text}); set kafka.out_of_range to \"continue\" to go on at \
                         the oldest record that is left"
                    )));
                }
                self.shared.observer.out_of_range(self.shared.slot, *partition, text);
                Ok(Some(Change::Revoked(vec![*partition])))
            }
            code if is_refused(*code) => Err(Failure::stop(format!("{place} cannot be read: {text}"))),
            _ => {
                self.shared.observer.client_error(self.shared.slot, &code.to_string(), text);
                Ok(None)
            }
        }
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
}

impl Source for Input {
    /// Changes come alone, without records: the worker has to carry them out before it takes any.
    fn poll(&mut self, wait: Duration, take: &mut dyn FnMut(&[Record<'_>])) -> Result<Vec<Change>, Failure> {
        // The batch in hand is done with, and what is asked next may have to wait for it.
        self.client.discard();
        self.serve(Duration::ZERO)?;
        if let Some(change) = self.change()? {
            return Ok(vec![change]);
        }
        let batch = self.client.take(wait.min(SERVE));
        let mut records = Vec::with_capacity(batch.len());
        for message in batch.iter() {
            match message.error() {
                None => records.push(record(&self.topic, message)),
                Some(code) => self.problems.push(Problem::of(message, code)),
            }
        }
        if !records.is_empty() {
            take(&records);
        }
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
        self.release(&partitions)?;
        self.assign(failed).map(drop)
    }

    fn release(&mut self, partitions: &[i32]) -> Result<(), Failure> {
        self.client.discard();
        let list = blank_list(&self.topic, partitions);
        let released = self.client.consumer().incremental_unassign(&list);
        released.map_err(|error| self.failed("let go of partitions of", &error))
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

/// The numeric offsets of an answer; none where there is no number.
fn offsets_of(list: &TopicPartitionList) -> Result<Vec<(i32, Option<i64>)>, KafkaError> {
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

fn is_sought(list: &TopicPartitionList, topic: &str, partition: i32) -> bool {
    list.find_partition(topic, partition).is_some_and(|element| element.error().is_ok())
}
