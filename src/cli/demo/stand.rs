//! The demo's threads and what they share: one feeds, one works, one reads what came of it.
//!
//! The board is behind one lock, taken briefly and a few times a batch. The feeder sends to the one partition that there
//! is and so knows each record's offset; that is how the time from an event to its flag is measured, and the flag's case known,
//! without touching the event.
//!
//! One partition, because days are played in a minute: a moment by which one partition is ahead of another would be many minutes of
//! the events' time, and correlations would see another order than the log's.
#![expect(clippy::disallowed_methods, reason = "paces what it plays, and measures it")]

use super::Fault;
use super::board::Board;
use super::feed::{Item, Trace};
use super::known::Known;
use super::shown::Shown;
use crate::cli::labels::Labels;
use crate::clock::now_ms;
use crate::event::Mapping;
use crate::flag::Flag;
use crate::kafka::embedded::Embedded;
use crate::kafka::settings::{Delivery, OutOfRange, Settings, Start, Topics};
use crate::kafka::viewer::Viewer;
use crate::kafka::{self, Shared, Watchdog};
use crate::truth::{CaseIndex, Truth};
use crate::worker::commit::CommitPolicy;
use crate::worker::correlate::FoldingStage;
use crate::worker::run::{Observer, Seat, run};
use crate::worker::slot::{FollowingStage, ProgramSlot};
use crate::worker::stage::{self, Program};
use crate::worker::stats::BatchStats;
use crate::worker::{Change, Role};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const INPUT: &str = "chat.events";
const FLAGS: &str = "review.flags";
const SHADOW: &str = "review.shadow";
const DEAD: &str = "chat.events.dlq";
const HITS: &str = "wardline.hits";
const WINDOWS: &str = "wardline.windows";
/// Partitions of the topics between the workers.
const PARTITIONS: i32 = 4;

/// Topics of the embedded broker, with their partitions.
pub(super) const TOPICS: &[(&str, i32)] =
    &[(INPUT, 1), (FLAGS, 1), (SHADOW, 1), (DEAD, 1), (HITS, PARTITIONS), (WINDOWS, PARTITIONS)];
/// Those that are written by the worker.
pub(super) const OUTPUT_TOPICS: &[(&str, i32)] = &[(FLAGS, 1), (SHADOW, 1), (DEAD, 1)];

/// Records sent and not yet judged, at most: the embedded broker forgets what is too much for its memory.
const AHEAD: u64 = 2_000;
/// Longest wait without a look at whether to end.
const SLICE: Duration = Duration::from_millis(20);
/// How long the worker may take to get its partitions.
const JOINING: Duration = Duration::from_secs(30);
/// Bound of a call of the Kafka client.
const STUCK: Duration = Duration::from_secs(30);

/// What the threads share.
pub(super) struct Stand {
    begun: Instant,
    board: Mutex<Board>,
    labels: Labels,
    /// Of each record, by its offset, when it was sent and the case that labels put it to.
    sent: Mutex<Vec<(Instant, Option<CaseIndex>)>>,
    /// When the first event was played, and for how long.
    played: Mutex<Option<(Instant, Option<Duration>)>>,
    fault: Mutex<Option<Fault>>,
    /// Set by Ctrl-C: play no more, and sum up.
    interrupted: Arc<AtomicBool>,
    fed: AtomicBool,
    /// The trace came to its end, and nobody ended it before.
    played_out: AtomicBool,
    ended: AtomicBool,
}

/// A lock's content, whatever became of another thread.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stand {
    /// Nothing done yet. From here on Ctrl-C ends the playing; a second one ends the process.
    pub(super) fn new(truth: Option<Arc<Truth>>) -> std::io::Result<Stand> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupted))?;
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        let board = Board::new(truth.clone());
        Ok(Stand {
            begun: Instant::now(),
            board: Mutex::new(board),
            labels: Labels::new(truth, &Mapping::canonical()),
            sent: Mutex::default(),
            played: Mutex::default(),
            fault: Mutex::default(),
            interrupted,
            fed: AtomicBool::new(false),
            played_out: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        })
    }

    /// The board; do not hold it for long.
    pub(super) fn board(&self) -> MutexGuard<'_, Board> {
        lock(&self.board)
    }

    /// Time since the first event.
    pub(super) fn time(&self) -> Duration {
        lock(&self.played).map_or(Duration::ZERO, |(since, _)| since.elapsed())
    }

    /// For how long events were played.
    pub(super) fn played(&self) -> Duration {
        lock(&self.played).map_or(Duration::ZERO, |(since, time)| time.unwrap_or_else(|| since.elapsed()))
    }

    /// True if no more events will be sent.
    pub(super) fn fed(&self) -> bool {
        self.fed.load(Ordering::Acquire)
    }

    /// True if the whole trace was sent.
    pub(super) fn played_out(&self) -> bool {
        self.played_out.load(Ordering::Acquire)
    }

    /// True if a thread failed.
    pub(super) fn failed(&self) -> bool {
        lock(&self.fault).is_some()
    }

    /// Ends all threads.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// The first thing that failed.
    pub(super) fn outcome(&self) -> Result<(), Fault> {
        lock(&self.fault).take().map_or(Ok(()), Err)
    }

    /// Runs a thread's work and keeps its failure; the first counts.
    pub(super) fn guard(&self, work: impl FnOnce() -> Result<(), Fault>) {
        if let Err(fault) = work() {
            lock(&self.fault).get_or_insert(fault);
        }
    }

    /// Plays the trace, as soon as there is a worker to read it.
    pub(super) fn feed(
        &self,
        broker: &Embedded,
        mut trace: Trace,
        rate: f64,
        time: Option<Duration>,
    ) -> Result<(), Fault> {
        self.wait_for_worker()?;
        let begun = Instant::now();
        *lock(&self.played) = Some((begun, None));
        let over = || self.is_over() || time.is_some_and(|time| begun.elapsed() >= time);
        let mut due = Duration::ZERO;
        let step = Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::MAX);
        while !over() {
            let item = trace.next().map_err(|error| Fault::input(&format_args!("the trace: {error}")))?;
            let Some(item) = item else {
                self.played_out.store(true, Ordering::Release);
                break;
            };
            while !over() && (begun.elapsed() < due || self.board().lag() > AHEAD) {
                thread::sleep(due.saturating_sub(begun.elapsed()).clamp(Duration::from_millis(1), SLICE));
            }
            if over() {
                break;
            }
            self.send(broker, &item)?;
            due = due.saturating_add(step);
        }
        broker.flush()?;
        *lock(&self.played) = Some((begun, Some(begun.elapsed())));
        self.fed.store(true, Ordering::Release);
        Ok(())
    }

    fn wait_for_worker(&self) -> Result<(), Fault> {
        while !self.board().ready && !self.is_over() {
            if self.begun.elapsed() > JOINING {
                return Err(Fault::runtime(&"the worker did not get its partitions"));
            }
            thread::sleep(SLICE);
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.ended.load(Ordering::Acquire) || self.failed()
    }

    fn send(&self, broker: &Embedded, item: &Item) -> Result<(), Fault> {
        let known = Known::of(&self.labels, &item.payload);
        lock(&self.sent).push((Instant::now(), known.case));
        let mut board = self.board();
        board.sent += 1;
        board.cases.sent(known, self.time());
        drop(board);
        let key = item.key.as_ref().map(String::as_bytes);
        Ok(broker.send_to((INPUT, 0), key, &item.payload)?)
    }

    /// Reads the output topics until the end.
    pub(super) fn view(&self, viewer: &Viewer) -> Result<(), Fault> {
        while !self.ended.load(Ordering::Acquire) {
            let mut seen = Ok(());
            viewer.next(SLICE, &mut |topic, bytes| seen = self.see(topic, bytes))?;
            seen?;
        }
        Ok(())
    }

    fn see(&self, topic: &str, bytes: &[u8]) -> Result<(), Fault> {
        if topic == DEAD {
            self.board().dead += 1;
            return Ok(());
        }
        let unreadable = |error| Fault::runtime(&format_args!("a flag on {topic} cannot be read: {error}"));
        let flag: Flag = serde_json::from_slice(bytes).map_err(unreadable)?;
        let sent = usize::try_from(flag.source.offset).ok().and_then(|at| lock(&self.sent).get(at).copied());
        let shown = Shown::of(&flag, sent.and_then(|(_, case)| case));
        self.board().flag(shown, topic == SHADOW, sent.map(|(at, _)| at.elapsed()));
        Ok(())
    }
}

/// What the observer hears goes onto the board.
struct Ear(Arc<Stand>, Role);

impl Observer for Ear {
    fn done(&self, _: usize, stats: &BatchStats) {
        let flags = stats.rules.values().map(|rule| rule.flags + rule.shadow + rule.diverted).sum::<u64>();
        let made = flags + stats.dead_letters();
        let now = self.0.begun.elapsed();
        let mut board = self.0.board();
        board.hits += stats.hits;
        match self.1 {
            Role::Match => board.took(now, stats.records, made),
            Role::Correlate => board.folded(stats.records, made),
        }
        for (code, count) in &stats.decode_errors {
            *board.undecoded.entry(code).or_default() += count;
        }
    }

    fn changed(&self, _: usize, _: &Change, owned: usize) {
        self.0.board().ready |= self.1 == Role::Match && owned == 1;
    }
}

/// Runs the worker of a role until the end.
pub(super) fn work(
    stand: &Arc<Stand>,
    role: Role,
    program: Arc<Program>,
    broker: &Embedded,
) -> Result<(), Fault> {
    let mut settings = settings();
    if role == Role::Correlate {
        settings = settings.correlating(format!("{}-correlate", settings.group));
    }
    broker.suit(&mut settings);
    let observer = Arc::new(Ear(Arc::clone(stand), role));
    let watchdog = Watchdog::start(STUCK, |call, _| {
        anstream::eprintln!("error: the Kafka client's {call} did not return");
        std::process::abort();
    });
    let stop = Arc::default();
    let settings = Arc::new(settings);
    let shared = Shared { settings, slot: 0, number: 0, watchdog, observer: observer.clone(), stop };
    let (mut input, mut output) = kafka::join(&shared)?;
    let slot = ProgramSlot::new(program);
    let (policy, pause) = (CommitPolicy::default(), Duration::from_millis(100));
    let seat = Seat { slot: 0, policy, pause, clock: now_ms, stop: &stand.ended, observer: &*observer };
    let limits = stage::Settings::default();
    let done = match role {
        Role::Match => run(&mut input, &mut FollowingStage::new(&slot, limits), &mut output, seat),
        Role::Correlate => run(&mut input, &mut FoldingStage::new(&slot, limits), &mut output, seat),
    };
    drop(output);
    input.close();
    Ok(done?)
}

/// Settings of the Kafka shell; the broker changes what does not suit it.
fn settings() -> Settings {
    let topics = Topics {
        input: INPUT.to_owned(),
        flags: FLAGS.to_owned(),
        shadow: SHADOW.to_owned(),
        dead_letters: DEAD.to_owned(),
        hits: HITS.to_owned(),
        windows: WINDOWS.to_owned(),
    };
    Settings {
        brokers: Vec::new(),
        role: Role::Match,
        group: "wardline-demo".to_owned(),
        instance: "demo".to_owned(),
        delivery: Delivery::AtLeastOnce,
        start: Start::Earliest,
        out_of_range: OutOfRange::Fail,
        static_members: false,
        leave_on_stop: false,
        session_timeout: Duration::from_secs(6),
        transaction_timeout: Duration::from_secs(30),
        message_timeout: Duration::from_secs(28),
        request_timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(10),
        watchdog: STUCK,
        batch: 1_000,
        max_message: 1_000_000,
        max_windows: 1_000_000,
        topics,
        hits: true,
        create: None,
        properties: BTreeMap::new(),
        consumer_properties: BTreeMap::new(),
        producer_properties: BTreeMap::new(),
    }
}
