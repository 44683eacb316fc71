//! From files to flags on several threads, in order: what `scan`, `backtest` and `diff` read events by.
//!
//! ```text
//!  reader: blocks of lines ──► workers: decode, match, take ──► this thread: in order, to whoever gathers
//!     ▲                                                                                    │
//!     └────────────────────────── empty buffers, a fixed number ◄──────────────────────────┘
//! ```
//!
//! What is wanted of a block differs from command to command: a [`Taker`] takes it in the worker's thread, where there are many, and
//! a [`Gatherer`] puts it together in one.
//!
//! A worker takes a whole block, so threads meet once in thousands of events. The fixed number of buffers bounds
//! memory however much faster one side is: a buffer is free again when what was taken of its block is gathered. If
//! gathering fails, nobody waits for the other threads: the reader may wait for input that never comes, and the
//! process is about to end.

mod fold;
mod lines;
pub(super) mod report;
mod source;

pub(super) use fold::{Folding, Order};
pub(super) use lines::{BadLine, lines};
pub(super) use source::{Log, Source};

use crate::engine::profile::{Profile, Profiler};
use crate::event::{Mapping, Record};
use crate::file::{self, BLOCK_BYTES, Block, Blocks, Input, MAX_LINE_BYTES};
use crate::worker::stage::{MatchStage, OutHit, Outcome, Program, Settings};
use crate::worker::stats::BatchStats;
use source::Packed;
use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What is to be scanned, and how.
pub(in crate::cli) struct Job {
    pub(in crate::cli) program: Arc<Program>,
    /// The shape of the events, as the program reads them.
    pub(in crate::cli) mapping: Mapping,
    pub(in crate::cli) settings: Settings,
    pub(in crate::cli) threads: NonZeroUsize,
    /// The time that stands in for missing ones and exposes wrong ones, in milliseconds since the epoch. Asked once
    /// for all files, so that it is the same in each; of what is still being written, with every block.
    pub(in crate::cli) clock: fn() -> i64,
    /// The clock of a profile, in nanoseconds, if one is wanted.
    pub(in crate::cli) stopwatch: Option<fn() -> u64>,
}

/// What was done so far.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Total {
    pub(in crate::cli) stats: BatchStats,
    pub(in crate::cli) bad_lines: u64,
    /// Files that could not be read to their end, or of which no line is an event.
    pub(in crate::cli) unreadable: u64,
}

/// Who is told of what happens, in the order of the input.
pub(in crate::cli) trait Watcher {
    /// Bytes read from files are counted here.
    fn bytes_read(&self) -> &Arc<AtomicU64>;
    /// A block was evaluated; its flags are written next.
    fn block(&mut self, file: &str, bad: &[BadLine], stats: &BatchStats);
    /// Correlations were told of what was found; their flags are written next.
    fn folded(&mut self, stats: &BatchStats);
    /// A file could not be read, or not to its end.
    fn unreadable(&mut self, file: &str, error: &io::Error);
}

/// What a worker's thread takes of each block, so that little is left to be done in order.
pub(in crate::cli) trait Taker: Clone + Send + 'static {
    /// What it takes.
    type Taken: Send + 'static;
    /// Takes it of records and what became of them.
    fn take(&mut self, records: &[Record<'_>], outcome: &Outcome) -> Self::Taken;
}

/// Who puts together what was taken, block by block, in the order of the input.
pub(in crate::cli) trait Gatherer<T> {
    /// The next block, with what correlations are to be told of it. Yields what these did.
    fn block(&mut self, taken: T, hits: Vec<OutHit>) -> io::Result<BatchStats>;
    /// There is nothing more. Yields what correlations did in the end.
    fn finish(&mut self) -> io::Result<BatchStats>;
    /// There is nothing more for a moment: who waits for results is shown them.
    fn pause(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A block on its way to a worker.
struct Task {
    sequence: u64,
    file: Arc<str>,
    /// When it was read.
    now_ms: i64,
    load: Load,
    bytes: Vec<u8>,
}

/// What a block's bytes are.
enum Load {
    /// Lines of a file, or one that is too long.
    File(Block),
    /// Records of a log.
    Log(Packed),
}

/// What became of a block, or of the attempt to read one.
struct Done<T> {
    sequence: u64,
    file: Arc<str>,
    result: io::Result<Scanned<T>>,
}

/// What a block gave.
struct Scanned<T> {
    /// The block's buffer, to be used again.
    buffer: Vec<u8>,
    /// None of a block in which nothing can be read.
    taken: Option<T>,
    hits: Vec<OutHit>,
    bad: Vec<BadLine>,
    stats: BatchStats,
}

/// Reads everything, hands what is taken to `gatherer` and tells `watcher`; gives the profile, if one is wanted. Fails only if
/// gathering does.
pub(in crate::cli) fn run<T: Taker>(
    job: &Arc<Job>,
    source: Source,
    taker: &T,
    gatherer: &mut impl Gatherer<T::Taken>,
    watcher: &mut impl Watcher,
) -> io::Result<Option<Profile>> {
    let (free, buffers) = channel();
    for _ in 0..2 * job.threads.get() + 2 {
        // Cannot fail: the receiving end is here.
        drop(free.send(Vec::with_capacity(2 * BLOCK_BYTES)));
    }
    let (tasks, received) = channel();
    let received = Arc::new(Mutex::new(received));
    let (done, results) = channel();
    let (ready, profiles) = channel();
    let reader = Reader {
        bytes_read: Arc::clone(watcher.bytes_read()),
        clock: job.clock,
        started_ms: (job.clock)(),
        buffers,
        spare: None,
        tasks,
        done: done.clone(),
        sequence: 0,
    };
    thread::spawn(move || reader.read_all(source));
    for _ in 0..job.threads.get() {
        let (worker, received) = (Worker::new(job, taker.clone()), Arc::clone(&received));
        let (done, ready) = (done.clone(), ready.clone());
        // The profile goes before this thread's end of `done` does: when all are gone, all profiles are there.
        thread::spawn(move || drop(worker.work(&received, &done).map(|profile| ready.send(profile))));
    }
    drop(done);
    // Ends when the last thread has let go of its end, or gathering fails.
    collect(&results, &free, gatherer, watcher)?;
    Ok(profiles.try_iter().reduce(|mut sum, profile| {
        sum += &profile;
        sum
    }))
}

/// Reads inputs and hands out their blocks, as long as someone takes them.
struct Reader<T> {
    bytes_read: Arc<AtomicU64>,
    clock: fn() -> i64,
    started_ms: i64,
    buffers: Receiver<Vec<u8>>,
    spare: Option<Vec<u8>>,
    tasks: Sender<Task>,
    done: Sender<Done<T>>,
    sequence: u64,
}

impl<T> Reader<T> {
    fn read_all(mut self, source: Source) {
        let _whole = AbortOnPanic;
        match source {
            Source::Files(inputs) => {
                let _all = inputs.iter().all(|input| {
                    let file = input.name();
                    let handed = self.hand_out(input, &file);
                    self.told(handed, file)
                });
            }
            Source::Log(mut log) => {
                let name = log.name();
                let handed = self.hand_out_log(&mut *log, &name);
                self.told(handed, name);
            }
        }
    }

    /// Tells of an input that could not be read; false if nobody takes blocks any more.
    fn told(&mut self, handed: io::Result<bool>, file: Arc<str>) -> bool {
        handed.unwrap_or_else(|error| {
            let done = Done { sequence: self.sequence, file, result: Err(error) };
            self.sequence += 1;
            self.done.send(done).is_ok()
        })
    }

    /// A free buffer; none if nobody gives one back any more.
    fn buffer(&mut self) -> Option<Vec<u8>> {
        self.spare.take().or_else(|| self.buffers.recv().ok())
    }

    fn send(&mut self, file: &Arc<str>, now_ms: i64, (load, bytes): (Load, Vec<u8>)) -> bool {
        let task = Task { sequence: self.sequence, file: Arc::clone(file), now_ms, load, bytes };
        self.sequence += 1;
        self.tasks.send(task).is_ok()
    }

    /// Blocks of a log: as much as comes without a pause, and not more than fits.
    fn hand_out_log(&mut self, log: &mut dyn Log, name: &Arc<str>) -> io::Result<bool> {
        loop {
            let Some(mut bytes) = self.buffer() else { return Ok(false) };
            let (mut packed, mut more, mut paused) = (Packed::default(), true, false);
            while more && bytes.len() < BLOCK_BYTES && (!paused || packed.is_empty()) {
                paused = true;
                more = log.next(&mut |record| {
                    paused = false;
                    packed.push(record, &mut bytes);
                })?;
            }
            self.bytes_read.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            let now_ms = (self.clock)();
            if !self.send(name, now_ms, (Load::Log(packed), bytes)) || !more {
                return Ok(!more);
            }
        }
    }

    fn hand_out(&mut self, input: &Input, file: &Arc<str>) -> io::Result<bool> {
        let live = input.is_live();
        let opened = file::open(input, &self.bytes_read)?;
        let mut blocks = Blocks::new(opened, BLOCK_BYTES, MAX_LINE_BYTES, live);
        loop {
            let Some(mut bytes) = self.buffer() else { return Ok(false) };
            match blocks.next(&mut bytes) {
                Ok(Some(block)) => {
                    let now_ms = if live { (self.clock)() } else { self.started_ms };
                    if !self.send(file, now_ms, (Load::File(block), bytes)) {
                        return Ok(false);
                    }
                }
                end => {
                    self.spare = Some(bytes);
                    return end.map(|_| true);
                }
            }
        }
    }
}

/// One thread's stage.
struct Worker<T> {
    stage: MatchStage,
    taker: T,
    /// The file that was read last.
    file: Option<Arc<str>>,
    profiler: Option<Profiler<fn() -> u64>>,
}

impl<T: Taker> Worker<T> {
    fn new(job: &Job, taker: T) -> Worker<T> {
        let Job { program, settings, stopwatch, .. } = job;
        let profiler = stopwatch.map(|stopwatch| Profiler::new(program.rules(), stopwatch));
        Worker { stage: MatchStage::new(Arc::clone(program), *settings), taker, file: None, profiler }
    }

    /// Scans blocks until there are none, or nobody wants the results; gives the profile, if one is wanted.
    fn work(mut self, tasks: &Mutex<Receiver<Task>>, done: &Sender<Done<T::Taken>>) -> Option<Profile> {
        let _whole = AbortOnPanic;
        let next = || tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok(Task { sequence, file, now_ms, load, bytes }) = next() {
            let scanned = match load {
                Load::File(Block::Lines(first)) => self.scan_lines(&file, first, bytes, now_ms),
                Load::Log(packed) => self.scan_log(&file, &packed, bytes, now_ms),
                Load::File(Block::TooLong(line)) => {
                    let bad = vec![BadLine::too_long(line)];
                    Scanned {
                        buffer: bytes,
                        taken: None,
                        hits: Vec::new(),
                        bad,
                        stats: BatchStats::default(),
                    }
                }
            };
            if done.send(Done { sequence, file, result: Ok(scanned) }).is_err() {
                break;
            }
        }
        self.profiler.map(Profiler::into_profile)
    }

    fn scan_lines(&mut self, file: &Arc<str>, first: i64, bytes: Vec<u8>, now_ms: i64) -> Scanned<T::Taken> {
        if self.file.as_ref().is_some_and(|last| last != file) {
            // What was said in one file is nothing to another.
            self.stage.forget(0);
        }
        self.file = Some(Arc::clone(file));
        let mut bad = Vec::new();
        let lines = lines(&bytes, first, &mut bad);
        let records: Vec<_> = lines.iter().map(|(line, payload)| record(file, *line, payload)).collect();
        let mut scanned = self.scan(&records, now_ms, false);
        scanned.bad.extend(bad);
        scanned.bad.sort_by_key(|bad| bad.line);
        self.end(scanned, bytes)
    }

    fn scan_log(
        &mut self,
        topic: &Arc<str>,
        packed: &Packed,
        bytes: Vec<u8>,
        now_ms: i64,
    ) -> Scanned<T::Taken> {
        let records = packed.records(topic, &bytes);
        let scanned = self.scan(&records, now_ms, true);
        self.end(scanned, bytes)
    }

    fn scan(&mut self, records: &[Record<'_>], now_ms: i64, of_log: bool) -> Scanned<T::Taken> {
        let outcome = match &mut self.profiler {
            Some(profiler) => self.stage.run_profiled(records, now_ms, profiler),
            None => self.stage.run(records, now_ms),
        };
        let taken = Some(self.taker.take(records, outcome));
        let bad = outcome.dead.iter().map(|letter| BadLine {
            partition: of_log.then_some(letter.position.partition),
            line: letter.position.offset,
            message: letter.message.clone(),
        });
        let (bad, hits, stats) = (bad.collect(), outcome.hits.clone(), outcome.stats.clone());
        Scanned { buffer: Vec::new(), taken, hits, bad, stats }
    }

    /// Gives the block's buffer back.
    fn end(&mut self, scanned: Scanned<T::Taken>, bytes: Vec<u8>) -> Scanned<T::Taken> {
        if bytes.len() > USUAL_BYTES {
            // A very long line has stretched the stage's buffers to several times its length.
            self.stage.shrink();
        }
        Scanned { buffer: bytes, ..scanned }
    }
}

/// Bytes of all blocks but those that hold a very long line.
const USUAL_BYTES: usize = 4 * BLOCK_BYTES;

/// A thread that panics would leave the others waiting for its block for ever: no half-dead scans.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            std::process::abort();
        }
    }
}

fn record<'a>(file: &'a Arc<str>, line: i64, payload: &'a [u8]) -> Record<'a> {
    Record { topic: file, partition: 0, offset: line, timestamp: None, key: None, payload: Some(payload) }
}

/// Gathers what comes in the order of the input, and frees the buffers.
fn collect<T>(
    results: &Receiver<Done<T>>,
    free: &Sender<Vec<u8>>,
    gatherer: &mut impl Gatherer<T>,
    watcher: &mut impl Watcher,
) -> io::Result<()> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    while let Some(done) = receive(results, gatherer)? {
        waiting.insert(done.sequence, done);
        while let Some(Done { file, result, .. }) = waiting.remove(&next) {
            next += 1;
            match result {
                Ok(scanned) => {
                    // Before they are written: whoever stops reading them may have read some of these flags.
                    watcher.block(&file, &scanned.bad, &scanned.stats);
                    if let Some(taken) = scanned.taken {
                        watcher.folded(&gatherer.block(taken, scanned.hits)?);
                    }
                    // The reader may have ended; then nobody needs the buffer.
                    drop(free.send(emptied(scanned.buffer)));
                }
                Err(error) => watcher.unreadable(&file, &error),
            }
        }
    }
    watcher.folded(&gatherer.finish()?);
    gatherer.pause()
}

/// The buffer to be used again, without the room that a very long line needed.
fn emptied(mut buffer: Vec<u8>) -> Vec<u8> {
    buffer.clear();
    buffer.shrink_to(USUAL_BYTES);
    buffer
}

/// The next result; while there is none, what was gathered is shown to whoever waits for it.
fn receive<T>(results: &Receiver<Done<T>>, gatherer: &mut impl Gatherer<T>) -> io::Result<Option<Done<T>>> {
    match results.try_recv() {
        Ok(done) => Ok(Some(done)),
        Err(TryRecvError::Disconnected) => Ok(None),
        Err(TryRecvError::Empty) => {
            gatherer.pause()?;
            Ok(results.recv().ok())
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "these tests write the files that are read")]
mod tests {
    use super::*;
    use crate::cli::scan::print::{Print, Printer};
    use crate::flag::Flag;
    use crate::library;
    use crate::ruleset::Limits;
    use crate::worker::stage::Reading;
    use std::fs;
    use std::io::Write;
    use std::process::Command;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn a_buffer_gives_back_the_room_of_a_very_long_line() {
        assert!(emptied(vec![b'x'; 8 * USUAL_BYTES]).capacity() <= USUAL_BYTES);
        let usual = Vec::with_capacity(2 * BLOCK_BYTES);
        assert_eq!(emptied(usual).capacity(), 2 * BLOCK_BYTES);
    }

    /// Counts on with every look at it.
    fn ticking() -> i64 {
        static TICKS: AtomicI64 = AtomicI64::new(1_000);
        TICKS.fetch_add(1_000, Ordering::Relaxed)
    }

    /// Says when something was written.
    struct Told(Vec<u8>, Sender<()>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend_from_slice(bytes);
            self.1.send(()).ok();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[derive(Default)]
    struct Nobody(Arc<AtomicU64>);

    impl Watcher for Nobody {
        fn bytes_read(&self) -> &Arc<AtomicU64> {
            &self.0
        }
        fn block(&mut self, _: &str, _: &[BadLine], _: &BatchStats) {}
        fn folded(&mut self, _: &BatchStats) {}
        fn unreadable(&mut self, file: &str, error: &io::Error) {
            panic!("{file}: {error}");
        }
    }

    #[test]
    fn the_clock_goes_on_while_a_pipe_is_read_and_stands_still_for_files() {
        const RULE: &str = "title: T\nid: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02\nname: n\nlevel: low
detection: {app: {text|word: appone}, condition: app}\n";
        const LINE: &[u8] = b"{\"text\":\"AppOne\"}\n";
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("a.jsonl"), LINE.repeat(2)).unwrap();
        assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        fs::write(path("r.yml"), RULE).unwrap();
        let sources = library::read(&[path("r.yml")], None).unwrap();
        let library = library::compile(&sources, &Reading::default(), &Limits::default()).unwrap();
        let job = Job {
            program: Arc::new(library.program),
            mapping: Mapping::canonical(),
            settings: Settings::default(),
            threads: NonZeroUsize::MIN,
            clock: ticking,
            stopwatch: None,
        };
        let (told, heard) = channel();
        let pipe = path("pipe");
        let writer = thread::spawn(move || {
            let mut pipe = fs::OpenOptions::new().write(true).open(pipe).unwrap();
            for _ in 0..2 {
                heard.recv().unwrap();
                pipe.write_all(LINE).unwrap();
            }
        });
        let mut out = Told(Vec::new(), told);
        let folding = Folding::new(&job.program, job.settings, Order::Recorded);
        let mut printer = Printer::new(&mut out, folding);
        let inputs = file::find(&[path("a.jsonl"), path("pipe")], file::Content::Json).unwrap();
        run(&Arc::new(job), Source::Files(inputs), &Print, &mut printer, &mut Nobody::default()).unwrap();
        writer.join().unwrap();
        let flags =
            str::from_utf8(&out.0).unwrap().lines().map(|line| serde_json::from_str::<Flag>(line).unwrap());
        let times: Vec<_> = flags.map(|flag| flag.time).collect();
        let expected = [1, 1, 2, 3].map(|second| format!("1970-01-01T00:00:0{second}.000Z"));
        assert_eq!(times, expected);
    }
}
