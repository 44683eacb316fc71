//! The loop of a worker: take records, evaluate them, send what they yield, commit when it is due.
//!
//! ```text
//!   ┌─► poll ──► changes of ownership: commit or abort, then let go ──┐
//!   │     └────► records: drop stale ones, evaluate, send ────────────┤
//!   │                                                                 ▼
//!   └──────────────── commit if due ◄── failed? abort, rewind ◄───────┘
//! ```
//!
//! It knows neither Kafka nor files, only [`Source`] and [`Sink`]. Three things are decided here and
//! nowhere else: which records are taken (those at or above the partition's next offset), when the stage may
//! change (between batches, so each batch is judged by exactly one rule set), and what follows a failure
//! (abort, rewind to the last commit, go on; or end).
#![expect(clippy::disallowed_methods, reason = "the loop reads the clock and paces repeated failures")]

mod observer;

pub use observer::{Cause, Observer, Unobserved};

use super::commit::{CommitPolicy, Facts, Pending};
use super::stage::Program;
use super::stats::{BatchStats, Phases};
use super::{Change, Chunk, Failure, Message, Remedy, Sink, Source};
use crate::event::Record;
use crate::position::{Arrival, Progress, Resume};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for records when nothing is due.
const IDLE: Duration = Duration::from_millis(50);

/// How often the observer is told how far behind the partitions are.
const REPORT: Duration = Duration::from_secs(1);

/// Aborts in a row, without a commit in between, after which a fresh start is tried.
const MOST_ABORTS: u32 = 50;

/// The pause between failures in a row doubles so often at most.
const MOST_DOUBLINGS: u32 = 7;

/// What a worker does with records.
pub trait Stage {
    /// Called before every batch: takes over what changed since, and yields the program if it is another
    /// one from here on.
    fn renew(&mut self) -> Option<&Program> {
        None
    }

    /// Evaluates `records` at time `now_ms` (milliseconds since the epoch) and hands what they yield to
    /// `send`, stopping at its first failure.
    fn run(
        &mut self,
        records: &[Record<'_>],
        now_ms: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure>;

    /// True if there is something to [`Stage::flush`]. It counts as what is to be committed, less urgent than messages.
    fn pending(&self) -> bool {
        false
    }

    /// Called at the beginning of every commit: hands over what was gathered since the last one and need not be sent
    /// sooner, so that what changes often is written once. A failure is one of the commit.
    fn flush(&mut self, _: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        Ok(())
    }

    /// What was sent is durable.
    fn committed(&mut self) {}

    /// What was sent since the last commit is void, and its records come again: those to be recalled first.
    fn aborted(&mut self) {}

    /// Takes in records that were processed before, only for what later ones need of them.
    fn recall(&mut self, records: &[Record<'_>], now_ms: i64) {
        let _ = (records, now_ms);
    }

    /// The offset from which a partition has to be recalled for what is known of it now; none if nothing is.
    fn recalls_from(&self, partition: i32) -> Option<i64> {
        let _ = partition;
        None
    }

    /// Takes in what is kept of partitions that are about to be ours, the later of two of a key in place of the former.
    fn restore(&mut self, kept: &Chunk) -> Result<(), Failure> {
        let _ = kept;
        Ok(())
    }

    /// The partition is no longer ours, nor is what was restored of it.
    fn forget(&mut self, partition: i32) {
        let _ = partition;
    }
}

/// What a worker is given besides its source, its stage and its sink.
#[derive(Clone, Copy)]
pub struct Seat<'a> {
    /// Number of the worker in its process.
    pub slot: usize,
    /// When to commit.
    pub policy: CommitPolicy,
    /// Pause after the second failure in a row; it doubles with each further one, up to some hundredfold.
    pub pause: Duration,
    /// Tells the time in milliseconds since the epoch.
    pub clock: fn() -> i64,
    /// Set to end the loop after the batch in hand.
    pub stop: &'a AtomicBool,
    /// Is told what happens.
    pub observer: &'a dyn Observer,
}

/// Runs a worker until it is told to stop; then commits what is done.
pub fn run(
    source: &mut dyn Source,
    stage: &mut dyn Stage,
    sink: &mut dyn Sink,
    seat: Seat<'_>,
) -> Result<(), Failure> {
    let mut worker = Worker::new(source, stage, sink, seat);
    while !seat.stop.load(Ordering::Relaxed) {
        worker.step()?;
    }
    // What cannot be committed now is read again by whoever comes next.
    match worker.commit() {
        Err(failure) if failure.remedy == Remedy::Rewind => worker.give_up(Cause::Commit, &failure),
        committed => committed,
    }
}

struct Worker<'a> {
    source: &'a mut dyn Source,
    stage: &'a mut dyn Stage,
    sink: &'a mut dyn Sink,
    seat: Seat<'a>,
    progress: Progress,
    books: Books,
}

/// What the loop remembers between batches.
struct Books {
    /// Messages were sent since the last commit.
    sent: bool,
    last_commit: Instant,
    last_duration: Duration,
    /// What was done since the last commit.
    done: BatchStats,
    /// When the oldest record that is not committed was taken for the first time: aborts do not make it
    /// younger, so that a sink which takes nothing shows however often it is tried.
    oldest: Option<Instant>,
    last_report: Instant,
    /// Aborts since the last commit.
    aborts: u32,
}

impl<'a> Worker<'a> {
    fn new(
        source: &'a mut dyn Source,
        stage: &'a mut dyn Stage,
        sink: &'a mut dyn Sink,
        seat: Seat<'a>,
    ) -> Self {
        let now = Instant::now();
        Self {
            source,
            stage,
            sink,
            seat,
            progress: Progress::default(),
            books: Books {
                sent: false,
                last_commit: now,
                last_duration: Duration::ZERO,
                done: BatchStats::default(),
                oldest: None,
                last_report: now,
                aborts: 0,
            },
        }
    }

    fn step(&mut self) -> Result<(), Failure> {
        if let Some(program) = self.stage.renew() {
            self.seat.observer.swapped(self.seat.slot, program);
        }
        self.report();
        match self.sink.serve().and_then(|()| self.take_batch()) {
            Err(failure) => return self.settle(Cause::Batch, Err(failure)),
            Ok(changes) => changes.into_iter().try_for_each(|change| self.carry_out(change))?,
        }
        if !self.seat.policy.is_due(&self.facts()) {
            return Ok(());
        }
        let committed = self.commit();
        self.settle(Cause::Commit, committed)
    }

    /// One poll: evaluates and sends what it brings, and yields what changed.
    fn take_batch(&mut self) -> Result<Vec<Change>, Failure> {
        let wait = self.seat.policy.due_in(&self.facts()).map_or(IDLE, |due| due.min(IDLE));
        let Self { source, sink, seat, stage, progress, books, .. } = self;
        let begun = Instant::now();
        let mut handled = Ok(());
        let changes = source.poll(wait, &mut |records| {
            let poll = begun.elapsed();
            let mut batch = BatchRun { sink: &mut **sink, seat, stage: &mut **stage, poll, books };
            handled = take_fresh(progress, records, &mut batch);
        })?;
        handled.map(|()| changes)
    }

    fn carry_out(&mut self, change: Change) -> Result<(), Failure> {
        match &change {
            Change::Restored(_) => {}
            Change::Assigned(starts) => {
                for start in starts {
                    self.progress.assign(*start);
                }
                if starts.iter().any(|start| !start.committed) {
                    let committed = self.commit();
                    self.settle(Cause::Commit, committed)?;
                }
            }
            Change::Revoked(partitions) => {
                let committed = self.commit();
                self.let_go(partitions, Cause::Commit, committed)?;
            }
            Change::Lost(partitions) => {
                let lost = Failure::rewind("partitions were lost to another worker");
                let pending = self.pending() != Pending::Nothing;
                self.let_go(partitions, Cause::Lost, if pending { Err(lost) } else { Ok(()) })?;
            }
        }
        let owned = self.progress.next_offsets().count();
        if owned == 0 {
            self.books.oldest = None;
        }
        match change {
            Change::Restored(kept) => self.stage.restore(&kept),
            change => {
                self.seat.observer.changed(self.seat.slot, &change, owned);
                Ok(())
            }
        }
    }

    /// Lets go of partitions, whatever became of what was taken of them. If it has to be given up, the
    /// sink gives it up first, and the partitions that stay are rewound after.
    fn let_go(
        &mut self,
        partitions: &[i32],
        cause: Cause,
        so_far: Result<(), Failure>,
    ) -> Result<(), Failure> {
        let given_up = match so_far {
            Err(failure) if failure.remedy == Remedy::Stop => return Err(failure),
            Err(failure) => {
                self.give_up(cause, &failure)?;
                true
            }
            Ok(()) => false,
        };
        for partition in partitions {
            self.progress.revoke(*partition);
            self.stage.forget(*partition);
        }
        self.source.release(partitions)?;
        if given_up { self.rewind() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), Failure> {
        if self.pending() == Pending::Nothing {
            return Ok(());
        }
        self.flush()?;
        let messages = self.books.sent;
        let stage = &self.stage;
        let resume =
            |(partition, offset)| Resume { partition, offset, recall: stage.recalls_from(partition) };
        let offsets: Vec<Resume> = self.progress.pending().map(resume).collect();
        let begun = Instant::now();
        self.sink.commit(&offsets)?;
        let took = begun.elapsed();
        self.progress.committed(&offsets);
        self.stage.committed();
        let done = self.books.committed(took);
        self.seat.observer.done(self.seat.slot, &done);
        self.seat.observer.committed(self.seat.slot, messages, took);
        Ok(())
    }

    /// Sends what the stage has gathered, into the transaction that is about to be committed.
    fn flush(&mut self) -> Result<(), Failure> {
        let Self { stage, sink, books, .. } = self;
        stage.flush(&mut |message| {
            books.sent = true;
            sink.send(message)
        })
    }

    /// Repairs what a rewind repairs; passes on what it does not.
    fn settle(&mut self, cause: Cause, result: Result<(), Failure>) -> Result<(), Failure> {
        let mut result = result;
        while let Err(failure) = result {
            if failure.remedy == Remedy::Stop {
                return Err(failure);
            }
            result = self.give_up(cause, &failure).and_then(|()| self.rewind());
        }
        Ok(())
    }

    /// Gives up what was sent since the last commit.
    fn give_up(&mut self, cause: Cause, failure: &Failure) -> Result<(), Failure> {
        self.seat.observer.aborted(self.seat.slot, cause, &failure.message);
        self.books.aborts += 1;
        if self.books.aborts > MOST_ABORTS {
            let message = &failure.message;
            return Err(Failure::stop(format!("{MOST_ABORTS} transactions in a row failed: {message}")));
        }
        self.sink.abort()?;
        self.stage.aborted();
        self.books.sent = false;
        self.books.done = BatchStats::default();
        Ok(())
    }

    /// Continues every partition at its last commit. Slower with every failure in a row, as what fails
    /// at once would otherwise fail all the time.
    fn rewind(&mut self) -> Result<(), Failure> {
        if let Some(doublings) = self.books.aborts.checked_sub(2) {
            thread::sleep(self.seat.pause * 2_u32.pow(doublings.min(MOST_DOUBLINGS)));
        }
        let offsets = self.progress.rewind();
        self.source.rewind(&offsets)
    }

    fn pending(&self) -> Pending {
        if self.books.sent {
            Pending::Messages
        } else if self.stage.pending() {
            Pending::State
        } else if self.progress.pending().next().is_some() {
            Pending::Offsets
        } else {
            Pending::Nothing
        }
    }

    fn facts(&self) -> Facts {
        Facts {
            pending: self.pending(),
            since_commit: self.books.last_commit.elapsed(),
            last_duration: self.books.last_duration,
        }
    }

    fn report(&mut self) {
        if self.books.last_report.elapsed() < REPORT {
            return;
        }
        self.books.last_report = Instant::now();
        let next: Vec<(i32, i64)> = self.progress.next_offsets().collect();
        let lag = self.source.lag(&next);
        let uncommitted = self.books.oldest.map_or(Duration::ZERO, |oldest| oldest.elapsed());
        self.seat.observer.report(self.seat.slot, &lag, uncommitted);
    }
}

impl Books {
    /// Everything is durable; yields what was done for it.
    fn committed(&mut self, took: Duration) -> BatchStats {
        self.sent = false;
        self.last_commit = Instant::now();
        self.last_duration = took;
        self.oldest = None;
        self.aborts = 0;
        std::mem::take(&mut self.done)
    }
}

/// One batch on its way through the stage to the sink.
struct BatchRun<'a> {
    sink: &'a mut dyn Sink,
    seat: &'a Seat<'a>,
    stage: &'a mut dyn Stage,
    poll: Duration,
    books: &'a mut Books,
}

impl BatchRun<'_> {
    fn run(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        let begun = Instant::now();
        self.books.oldest.get_or_insert(begun);
        let mut publish = Duration::ZERO;
        let stats = self.stage.run(records, (self.seat.clock)(), &mut |message| {
            let begun = Instant::now();
            self.books.sent = true;
            let sent = self.sink.send(message);
            publish += begun.elapsed();
            sent
        })?;
        let evaluate = begun.elapsed().saturating_sub(publish);
        self.books.done += &stats;
        self.seat.observer.timed(self.seat.slot, &Phases { poll: self.poll, evaluate, publish });
        Ok(())
    }
}

/// Hands on the records that are to be taken. As a rule that is all of them, and nothing is copied.
fn take_fresh(
    progress: &mut Progress,
    records: &[Record<'_>],
    batch: &mut BatchRun<'_>,
) -> Result<(), Failure> {
    let mut arrivals = records.iter().map(|record| progress.take(record.partition, record.offset));
    let Some((first, arrival)) =
        arrivals.by_ref().enumerate().find(|(_, arrival)| *arrival != Arrival::Fresh)
    else {
        return batch.run(records);
    };
    let (mut fresh, mut recalled) = (records[..first].to_vec(), Vec::new());
    let (mut stale, mut foreign) = (0, 0);
    for (record, arrival) in records[first..].iter().zip(std::iter::once(arrival).chain(arrivals)) {
        match arrival {
            Arrival::Fresh => fresh.push(*record),
            Arrival::Recalled => recalled.push(*record),
            Arrival::Stale => stale += 1,
            Arrival::Foreign => foreign += 1,
        }
    }
    if stale + foreign > 0 {
        batch.seat.observer.dropped(batch.seat.slot, stale, foreign);
    }
    // Of a partition, what is recalled comes first.
    if !recalled.is_empty() {
        batch.stage.recall(&recalled, (batch.seat.clock)());
    }
    if fresh.is_empty() { Ok(()) } else { batch.run(&fresh) }
}

#[cfg(test)]
mod tests;
