//! What is kept of partitions that come to a worker: their windows, read whole before the first hit is.
//!
//! ```text
//!  start known ──► end asked ──► settled? ──no──► a pause
//!                                  └──yes──► read from the beginning to the end ──► taken over
//! ```
//!
//! The committed offset is known first (`starts`), and only then is it asked where the windows end: whatever was committed
//! with that offset lies before that end. It need not be readable yet, as a transaction is settled partition by
//! partition, and the offset's may be the first. So the end is that of all records, and reading waits until the committed
//! ones reach it. Windows of a partition are written by its owner alone, hence nothing is missed by then.
//!
//! Reading is a second client's, for the member must not stop at the ends of partitions, nor be held up. Every look and
//! every chunk is a short one, between which the worker serves its group and the partitions that it has. When something
//! is wrong, all of it begins anew with new clients: reading twice is harmless, and a leftover of a first reading, taken for
//! the end of a second, would not be.
#![expect(clippy::disallowed_methods, reason = "paces and bounds the attempts")]

mod clients;
mod pace;
mod tally;

use super::Shared;
use super::foreign::batch::{Batch, Message};
use super::verdict::{is_corrupt, is_refused};
use crate::position::Begin;
use crate::worker::{Chunk, Failure, Kept};
use clients::Clients;
use foldhash::{HashSet, HashSetExt as _};
use pace::Pace;
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use std::collections::BTreeMap;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tally::Tally;

/// Records of a chunk at most.
const CHUNK: usize = 5_000;

/// Bound of one question to the cluster.
const ATTEMPT: Duration = Duration::from_millis(500);

/// No further question is asked in a step after this.
const STEP: Duration = Duration::from_millis(50);

/// While records are on their way the worker waits so long for others.
const ON_THE_WAY: Duration = Duration::from_millis(1);

/// New beginnings in a row, without a partition that was read to its end, after which a fresh start is tried.
const MOST_FAILURES: u32 = 50;

/// Events of a client's main queue served at a time.
const MOST_EVENTS: usize = 100;

/// The partitions that are restored before they are taken over.
pub(super) struct Archive {
    shared: Shared,
    coming: BTreeMap<i32, Coming>,
    clients: Option<Clients>,
    /// Ends the clients before.
    closing: Option<JoinHandle<()>>,
    pace: Pace,
    /// New beginnings since a partition was read to its end.
    failures: u32,
    tally: Tally,
}

/// A partition that comes.
struct Coming {
    begin: Begin,
    /// When what it waits for began.
    since: Instant,
    phase: Phase,
}

/// How far a partition's restore is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Where it ends is to be found out.
    Asked,
    /// It ends there, and what is open before is waited for.
    Settling { end: i64 },
    /// It is being read.
    Read { end: i64 },
    /// It has been read.
    Whole,
}

/// What a step came to.
pub(super) enum Step {
    /// Nothing yet.
    Nothing,
    /// A chunk of what is kept.
    Kept(Chunk),
    /// These partitions are restored.
    Whole(Vec<Begin>),
}

impl Archive {
    /// Nothing comes.
    pub(super) fn new(shared: &Shared) -> Self {
        Self {
            shared: shared.clone(),
            coming: BTreeMap::new(),
            clients: None,
            closing: None,
            pace: Pace::new(),
            failures: 0,
            tally: Tally::new(),
        }
    }

    /// These partitions come.
    pub(super) fn add(&mut self, begins: &[Begin]) {
        if self.coming.is_empty() {
            self.tally = Tally::new();
        }
        let again = |clients: &Clients| begins.iter().any(|begin| clients.used.contains(&begin.partition));
        if self.clients.as_ref().is_some_and(again) {
            self.begin_anew();
        }
        let since = Instant::now();
        let coming = |begin: &Begin| (begin.partition, Coming { begin: *begin, since, phase: Phase::Asked });
        self.coming.extend(begins.iter().map(coming));
        self.pace = Pace::new();
        self.tell(0);
    }

    /// These do not come any more.
    pub(super) fn remove(&mut self, partitions: &[i32]) -> Result<(), Failure> {
        let before = self.coming.len();
        self.coming.retain(|partition, _| !partitions.contains(partition));
        if self.coming.len() == before {
            return Ok(());
        }
        self.tell(0);
        self.let_go(partitions)
    }

    /// Reads these no longer; nothing at all if that was all.
    fn let_go(&mut self, partitions: &[i32]) -> Result<(), Failure> {
        if self.coming.is_empty() {
            self.close();
            return Ok(());
        }
        let _watched = self.shared.watchdog.watch("incremental_unassign");
        let topic = self.shared.settings.topics.windows.as_str();
        let released = self.clients.as_mut().map_or(Ok(()), |clients| clients.release(topic, partitions));
        released.map_err(|error| self.failed("let go of partitions of", &error))
    }

    /// How long the worker may wait for other things; none if nothing comes.
    pub(super) fn patience(&self) -> Option<Duration> {
        let mut phases = self.coming.values().map(|coming| coming.phase);
        if phases.any(|phase| matches!(phase, Phase::Read { .. } | Phase::Whole)) {
            return Some(ON_THE_WAY);
        }
        (!self.coming.is_empty()).then(|| self.pace.wait())
    }

    /// Goes on for a short while.
    pub(super) fn step(&mut self) -> Result<Step, Failure> {
        if self.coming.is_empty() {
            return Ok(Step::Nothing);
        }
        let whole = self.take_whole()?;
        if !whole.is_empty() {
            return Ok(Step::Whole(whole));
        }
        self.serve()?;
        if self.pace.is_due() && self.coming.values().any(|coming| coming.phase.waits()) {
            self.look()?;
        }
        let kept = self.read()?;
        self.tally.tell(self.shared.settings.topics.windows.as_str(), self.coming.len());
        Ok(if kept.is_empty() { Step::Nothing } else { Step::Kept(kept) })
    }

    /// The partitions that have been read, which do not come any more but are there.
    fn take_whole(&mut self) -> Result<Vec<Begin>, Failure> {
        let whole = self.coming.extract_if(.., |_, coming| coming.phase == Phase::Whole);
        let whole: Vec<Begin> = whole.map(|(_, coming)| coming.begin).collect();
        if whole.is_empty() {
            return Ok(whole);
        }
        self.tally.partitions += whole.len();
        self.failures = 0;
        self.tell(0);
        if self.coming.is_empty() {
            self.tally.conclude(self.topic());
        }
        let partitions: Vec<i32> = whole.iter().map(|begin| begin.partition).collect();
        self.let_go(&partitions)?;
        Ok(whole)
    }

    fn topic(&self) -> &str {
        &self.shared.settings.topics.windows
    }

    fn tell(&self, records: u64) {
        self.shared.observer.restoring(self.shared.slot, self.coming.len(), records);
    }

    fn failed(&self, action: &str, error: &KafkaError) -> Failure {
        Failure::stop(format!("the reader of windows could not {action} topic {}: {error}", self.topic()))
    }

    /// Ends the clients, under watch: a client may not come to an end. And aside, for hits need not wait for it; where no
    /// thread can be had for it, at once.
    fn close(&mut self) {
        let Some(clients) = self.clients.take() else { return };
        self.await_closed();
        let watchdog = self.shared.watchdog.clone();
        let closing = move || {
            let _watched = watchdog.watch("close");
            drop(clients);
        };
        self.closing = thread::Builder::new().name("archive".to_owned()).spawn(closing).ok();
    }

    fn await_closed(&mut self) {
        // A panic has said what it was, and the clients are gone.
        drop(self.closing.take().map(JoinHandle::join));
    }

    /// With new clients, as if the partitions had just come.
    fn begin_anew(&mut self) {
        self.close();
        let since = Instant::now();
        for coming in self.coming.values_mut().filter(|coming| coming.phase != Phase::Whole) {
            (coming.since, coming.phase) = (since, Phase::Asked);
        }
    }

    fn clients(&mut self) -> Result<&mut Clients, Failure> {
        if self.clients.is_none() {
            self.clients = Some(Clients::connect(&self.shared)?);
        }
        self.clients.as_mut().ok_or_else(|| Failure::stop("the reader of windows is closed"))
    }

    /// Logs and errors of the clients; what ends nothing is counted by their context.
    fn serve(&mut self) -> Result<(), Failure> {
        let topic = self.shared.settings.topics.windows.clone();
        for consumer in self.clients()?.both() {
            for _ in 0..MOST_EVENTS {
                match consumer.poll(Duration::ZERO) {
                    None => break,
                    Some(Ok(_)) => {
                        return Err(Failure::stop(format!("a record of {topic} arrived outside its queue")));
                    }
                    Some(Err(error)) if error.rdkafka_error_code().is_some_and(is_refused) => {
                        return Err(Failure::stop(format!("the reader of topic {topic} failed: {error}")));
                    }
                    Some(Err(_)) => {}
                }
            }
        }
        Ok(())
    }

    /// Asks about the partitions that wait, and begins to read those that need not any longer.
    fn look(&mut self) -> Result<(), Failure> {
        let until = Instant::now() + STEP;
        let mut settled = Vec::new();
        let mut trouble = None;
        let waiting = self.coming.iter().filter(|(_, coming)| coming.phase.waits());
        for partition in self.pace.turns(waiting.map(|(partition, _)| *partition)) {
            match self.ask(partition) {
                Ok(None) => {}
                Ok(Some(oldest)) => settled.push((partition, oldest)),
                Err(error) => trouble = Some(error),
            }
            self.pace.last = partition;
            if trouble.is_some() || Instant::now() > until {
                break;
            }
        }
        if !settled.is_empty() {
            self.begin_reading(&settled)?;
        }
        self.weigh(trouble.as_ref())?;
        self.pace.rest(settled.is_empty());
        Ok(())
    }

    /// The offset to read a partition from if all of it can be read; none if something before its end is open.
    fn ask(&mut self, partition: i32) -> KafkaResult<Option<i64>> {
        let (Some(clients), Some(coming)) = (&self.clients, self.coming.get_mut(&partition)) else {
            return Ok(None);
        };
        let topic = self.shared.settings.topics.windows.as_str();
        let _watched = self.shared.watchdog.watch("fetch_watermarks");
        if coming.phase == Phase::Asked {
            let (_, end) = clients.ends.fetch_watermarks(topic, partition, ATTEMPT)?;
            coming.phase = Phase::Settling { end };
        }
        let Phase::Settling { end } = coming.phase else { return Ok(None) };
        let (oldest, stable) = clients.reader.consumer().fetch_watermarks(topic, partition, ATTEMPT)?;
        if stable < end {
            return Ok(None);
        }
        coming.phase = if oldest < end { Phase::Read { end } } else { Phase::Whole };
        Ok((oldest < end).then_some(oldest))
    }

    fn begin_reading(&mut self, starts: &[(i32, i64)]) -> Result<(), Failure> {
        let topic = self.shared.settings.topics.windows.clone();
        let watchdog = self.shared.watchdog.clone();
        let clients = self.clients()?;
        let _watched = watchdog.watch("incremental_assign");
        match clients.begin(&topic, starts) {
            Ok(None) => Ok(()),
            Ok(Some(stuck)) => Err(Failure::stop(format!("{topic}[{stuck}] has no queue"))),
            Err(error) => Err(self.failed("read partitions of", &error)),
        }
    }

    /// What follows from a look that was in vain for some: another one, or the end if that is of no use. A transaction is
    /// ended by the cluster after its time-out; after twice that it hangs for good.
    fn weigh(&self, error: Option<&KafkaError>) -> Result<(), Failure> {
        let code = error.and_then(KafkaError::rdkafka_error_code);
        let topic = self.topic();
        if let (Some(error), true) = (error, code.is_some_and(is_refused)) {
            return Err(Failure::stop(format!(
                "topic {topic} cannot be read: {error}; grant Read and Describe"
            )));
        }
        let bound = 2 * self.shared.settings.transaction_timeout;
        let late = |coming: &Coming| coming.phase.waits() && coming.since.elapsed() > bound;
        let late: Vec<i32> =
            self.coming.iter().filter(|(_, coming)| late(coming)).map(|(number, _)| *number).collect();
        if late.is_empty() {
            return Ok(());
        }
        Err(Failure::stop(match error {
            Some(error) => format!(
                "the cluster does not tell where {topic} ends, partitions {late:?}: {error}; it must have as many \
                 partitions as {}",
                self.shared.settings.topics.input
            ),
            None => format!(
                "windows cannot be restored from {topic}, partitions {late:?}: a transaction on them does not end; \
                 Kafka's kafka-transactions tool finds and aborts it"
            ),
        }))
    }

    /// A chunk, if there is one.
    fn read(&mut self) -> Result<Chunk, Failure> {
        let Some(clients) = &mut self.clients else { return Ok(Chunk::default()) };
        if !self.coming.values().any(|coming| matches!(coming.phase, Phase::Read { .. })) {
            return Ok(Chunk::default());
        }
        let batch = clients.reader.take(Duration::ZERO);
        let (mut records, mut problem) = (0, None);
        for message in batch.iter() {
            match message.error() {
                None => records += 1,
                Some(RDKafkaErrorCode::PartitionEOF) => {
                    let reached = reach(&mut self.coming, message);
                    problem = problem.or((!reached).then(|| Problem::early(message)));
                }
                Some(code) => problem = problem.or(Some(Problem::of(message, code))),
            }
        }
        let kept = latest(&batch, &self.coming);
        clients.reader.discard();
        if records > 0 {
            self.tally.records += records;
            self.tell(records);
        }
        if let Some(problem) = problem {
            self.repair(&problem)?;
        }
        Ok(kept)
    }

    /// Begins anew after an error that this may help against.
    fn repair(&mut self, problem: &Problem) -> Result<(), Failure> {
        let Problem { partition, code, text } = problem;
        let topic = self.topic();
        if is_refused(*code) {
            return Err(Failure::stop(format!("{topic}[{partition}] cannot be read: {text}")));
        }
        if is_corrupt(*code) {
            return Err(Failure::stop(format!(
                "{topic}[{partition}] holds records that cannot be read: {text}; repair the log, or make the topic anew, \
                 which forgets what has come together so far"
            )));
        }
        if self.failures >= MOST_FAILURES {
            return Err(Failure::stop(format!(
                "{topic}[{partition}] could not be read {MOST_FAILURES} times in a row: {text}"
            )));
        }
        self.failures += 1;
        self.shared.observer.client_error(self.shared.slot, &code.to_string(), text);
        self.begin_anew();
        self.pace.rest(true);
        Ok(())
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        self.close();
        self.await_closed();
    }
}

impl Phase {
    fn waits(self) -> bool {
        matches!(self, Phase::Asked | Phase::Settling { .. })
    }
}

/// The client has come to an end of a partition. False if that is not the end that was asked for.
fn reach(coming: &mut BTreeMap<i32, Coming>, message: Message<'_>) -> bool {
    let Some(coming) = coming.get_mut(&message.partition()) else { return true };
    match coming.phase {
        Phase::Read { end } if message.offset() < end => false,
        _ => {
            coming.phase = Phase::Whole;
            true
        }
    }
}

/// The records of a batch, of each key only the last: what came before it is replaced in any case. In the order of each
/// partition; what went meanwhile is left out.
fn latest(batch: &Batch<'_>, coming: &BTreeMap<i32, Coming>) -> Chunk {
    let messages: Vec<Message<'_>> = batch.iter().collect();
    let mut seen = HashSet::with_capacity(messages.len());
    let (mut kept, mut bytes) = (Vec::with_capacity(messages.len()), 0);
    for message in messages.iter().rev().filter(|message| message.error().is_none()) {
        let (partition, Some(key)) = (message.partition(), message.key()) else { continue };
        if coming.contains_key(&partition) && seen.insert((partition, key)) {
            let value = message.payload();
            bytes += key.len() + value.map_or(0, <[u8]>::len);
            kept.push(Kept { partition, key, value });
        }
    }
    let mut chunk = Chunk::with_capacity(kept.len(), bytes);
    kept.into_iter().rev().for_each(|kept| chunk.push(kept));
    chunk
}

/// What stands in the way of reading on.
struct Problem {
    partition: i32,
    code: RDKafkaErrorCode,
    text: String,
}

impl Problem {
    fn of(message: Message<'_>, code: RDKafkaErrorCode) -> Self {
        Self { partition: message.partition(), code, text: message.error_text() }
    }

    /// A new leader may not know of the end yet.
    fn early(message: Message<'_>) -> Self {
        let text = format!("it ended at {}, before its end", message.offset());
        Self { partition: message.partition(), code: RDKafkaErrorCode::PartitionEOF, text }
    }
}
