//! From files to flags on several threads, in order.
//!
//! ```text
//!  reader: blocks of lines ──► workers: decode, match, write flags into memory ──► this thread: in order, to `out`
//!     ▲                                                                                    │
//!     └────────────────────────── empty buffers, a fixed number ◄──────────────────────────┘
//! ```
//!
//! A worker takes a whole block, so threads meet once in thousands of events. The fixed number of buffers bounds
//! memory however much faster one side is: a buffer is free again when the flags of its block are written. If
//! writing fails, the channels close behind it and every thread ends.

use crate::event::Record;
use crate::file::{self, BLOCK_BYTES, Block, Blocks, Content, Input, MAX_LINE_BYTES};
use crate::worker::stage::{Destination, MatchStage, Program, Settings};
use crate::worker::stats::BatchStats;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What is to be scanned, and how.
pub(super) struct Job {
    pub(super) program: Arc<Program>,
    pub(super) inputs: Vec<Input>,
    pub(super) content: Content,
    pub(super) threads: NonZeroUsize,
    /// The time that stands in for events' missing ones, in milliseconds since the epoch.
    pub(super) now_ms: i64,
}

/// What was done so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Total {
    pub(super) stats: BatchStats,
    pub(super) bad_lines: u64,
    /// Files that could not be read to their end.
    pub(super) unreadable: u64,
}

/// Who is told of what happens, in the order of the input.
pub(super) trait Watcher {
    /// Bytes read from files are counted here.
    fn bytes_read(&self) -> &Arc<AtomicU64>;
    /// A block was evaluated and its flags written.
    fn block(&mut self, file: &str, bad: &[BadLine], stats: &BatchStats);
    /// A file could not be read, or not to its end.
    fn unreadable(&mut self, file: &str, error: &io::Error);
}

/// A line that is no event.
pub(super) struct BadLine {
    /// From 1.
    pub(super) line: i64,
    /// What is wrong, never what it says.
    pub(super) message: String,
}

/// A block on its way to a worker.
struct Task {
    sequence: u64,
    file: Arc<str>,
    block: Block,
    bytes: Vec<u8>,
}

/// What became of a block, or of the attempt to read one.
struct Done {
    sequence: u64,
    file: Arc<str>,
    result: io::Result<Scanned>,
}

/// What a block gave.
#[derive(Default)]
struct Scanned {
    /// The block's buffer, to be used again.
    buffer: Vec<u8>,
    flags: Vec<u8>,
    bad: Vec<BadLine>,
    stats: BatchStats,
}

/// Scans everything, writes flags to `out` and tells `watcher`. Fails only if `out` does.
pub(super) fn run(job: &Job, mut out: impl Write, watcher: &mut impl Watcher) -> io::Result<()> {
    let (free, buffers) = channel();
    for _ in 0..2 * job.threads.get() + 2 {
        // Cannot fail: the receiving end is here.
        drop(free.send(Vec::with_capacity(2 * BLOCK_BYTES)));
    }
    let (tasks, received) = channel();
    let received = Mutex::new(received);
    let (done, results) = channel();
    let bytes_read = Arc::clone(watcher.bytes_read());
    thread::scope(|scope| {
        let mut reader = Reader { bytes_read, buffers, spare: None, tasks, done: done.clone(), sequence: 0 };
        scope.spawn(move || job.inputs.iter().all(|input| reader.read(input)));
        for _ in 0..job.threads.get() {
            let (received, done) = (&received, done.clone());
            scope.spawn(move || Worker::new(job).work(received, &done));
        }
        drop(done);
        let written = collect(&results, &free, &mut out, watcher);
        // If writing failed, this is what ends the other threads; the scope waits for them.
        drop((results, free));
        written
    })
}

/// Reads inputs and hands out their blocks, as long as someone takes them.
struct Reader {
    bytes_read: Arc<AtomicU64>,
    buffers: Receiver<Vec<u8>>,
    spare: Option<Vec<u8>>,
    tasks: Sender<Task>,
    done: Sender<Done>,
    sequence: u64,
}

impl Reader {
    /// Reads an input; false if nobody takes its blocks any more.
    fn read(&mut self, input: &Input) -> bool {
        let file = input.name();
        self.hand_out(input, &file).unwrap_or_else(|error| {
            let done = Done { sequence: self.sequence, file, result: Err(error) };
            self.sequence += 1;
            self.done.send(done).is_ok()
        })
    }

    fn hand_out(&mut self, input: &Input, file: &Arc<str>) -> io::Result<bool> {
        let eager = *input == Input::Stdin;
        let opened = file::open(input, &self.bytes_read)?;
        let mut blocks = Blocks::new(opened, BLOCK_BYTES, MAX_LINE_BYTES, eager);
        loop {
            let Some(mut bytes) = self.spare.take().or_else(|| self.buffers.recv().ok()) else {
                return Ok(false);
            };
            match blocks.next(&mut bytes) {
                Ok(Some(block)) => {
                    let task = Task { sequence: self.sequence, file: Arc::clone(file), block, bytes };
                    self.sequence += 1;
                    if self.tasks.send(task).is_err() {
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
struct Worker<'j> {
    job: &'j Job,
    stage: MatchStage,
    /// Events made of lines of text.
    events: Vec<u8>,
}

impl<'j> Worker<'j> {
    fn new(job: &'j Job) -> Worker<'j> {
        let stage = MatchStage::new(Arc::clone(&job.program), Settings::default());
        Worker { job, stage, events: Vec::new() }
    }

    /// Scans blocks until there are none, or nobody wants the results.
    fn work(&mut self, tasks: &Mutex<Receiver<Task>>, done: &Sender<Done>) {
        let _whole = AbortOnPanic;
        let next = || tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok(Task { sequence, file, block, bytes }) = next() {
            let scanned = match block {
                Block::Lines(first) => self.scan(&file, first, bytes),
                Block::TooLong(line) => {
                    let bad = vec![BadLine::too_long(line)];
                    Scanned { buffer: bytes, bad, ..Scanned::default() }
                }
            };
            if done.send(Done { sequence, file, result: Ok(scanned) }).is_err() {
                return;
            }
        }
    }

    fn scan(&mut self, file: &Arc<str>, first_line: i64, bytes: Vec<u8>) -> Scanned {
        let mut scanned = Scanned::default();
        let mut lines = lines(&bytes, first_line, &mut scanned.bad);
        if self.job.content == Content::Text {
            self.events.clear();
            lines = events(&lines, &mut self.events);
        }
        let records: Vec<_> = lines.iter().map(|(line, payload)| record(file, *line, payload)).collect();
        let outcome = self.stage.run(&records, self.job.now_ms);
        for flag in outcome.flags.iter().filter(|flag| flag.destination != Destination::Unpublished) {
            scanned.flags.extend_from_slice(&flag.body);
            scanned.flags.push(b'\n');
        }
        let dead = outcome.dead.iter();
        scanned.bad.extend(
            dead.map(|letter| BadLine { line: letter.position.offset, message: letter.message.clone() }),
        );
        scanned.bad.sort_by_key(|bad| bad.line);
        scanned.stats = outcome.stats.clone();
        scanned.buffer = bytes;
        scanned
    }
}

/// A thread that panics would leave the others waiting for its block for ever: no half-dead scans.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            std::process::abort();
        }
    }
}

impl BadLine {
    fn too_long(line: i64) -> BadLine {
        BadLine { line, message: format!("line longer than {} MiB", MAX_LINE_BYTES >> 20) }
    }
}

fn record<'a>(file: &'a Arc<str>, line: i64, payload: &'a [u8]) -> Record<'a> {
    Record { topic: file, partition: 0, offset: line, timestamp: None, key: None, payload: Some(payload) }
}

/// The lines of a block with their numbers, without line ends; blank ones are passed over, too long ones bad.
fn lines<'b>(bytes: &'b [u8], first: i64, bad: &mut Vec<BadLine>) -> Vec<(i64, &'b [u8])> {
    let mut lines = Vec::with_capacity(bytes.len() / 64);
    let mut start = 0;
    for (number, end) in (first..).zip(memchr::memchr_iter(b'\n', bytes).chain([bytes.len()])) {
        let line = bytes.get(start..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        start = end + 1;
        if line.len() > MAX_LINE_BYTES {
            bad.push(BadLine::too_long(number));
        } else if !line.trim_ascii().is_empty() {
            lines.push((number, line));
        }
    }
    lines
}

/// Events whose texts are the lines; their bytes go into `buffer`.
fn events<'b>(lines: &[(i64, &[u8])], buffer: &'b mut Vec<u8>) -> Vec<(i64, &'b [u8])> {
    let mut ranges = Vec::with_capacity(lines.len());
    for (number, line) in lines {
        let start = buffer.len();
        let text = if *number == 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        push_event(text, buffer);
        ranges.push((*number, start..buffer.len()));
    }
    ranges.into_iter().map(|(number, range): (i64, Range<usize>)| (number, &buffer[range])).collect()
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes an event whose text is `text`. Bytes that are no UTF-8 stay as they are: the decoder marks the event.
fn push_event(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"chat.message","text":""#);
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    out.extend_from_slice(br#""}"#);
}

/// Writes what comes in the order of the input, and frees the buffers.
fn collect(
    results: &Receiver<Done>,
    free: &Sender<Vec<u8>>,
    out: &mut impl Write,
    watcher: &mut impl Watcher,
) -> io::Result<()> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    while let Some(done) = receive(results, out)? {
        waiting.insert(done.sequence, done);
        while let Some(Done { file, result, .. }) = waiting.remove(&next) {
            next += 1;
            match result {
                Ok(scanned) => {
                    out.write_all(&scanned.flags)?;
                    watcher.block(&file, &scanned.bad, &scanned.stats);
                    // The reader may have ended; then nobody needs the buffer.
                    drop(free.send(scanned.buffer));
                }
                Err(error) => watcher.unreadable(&file, &error),
            }
        }
    }
    out.flush()
}

/// The next result; while there is none, what was written is shown to whoever reads it.
fn receive(results: &Receiver<Done>, out: &mut impl Write) -> io::Result<Option<Done>> {
    match results.try_recv() {
        Ok(done) => Ok(Some(done)),
        Err(TryRecvError::Disconnected) => Ok(None),
        Err(TryRecvError::Empty) => {
            out.flush()?;
            Ok(results.recv().ok())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_and_numbered() {
        let mut bad = Vec::new();
        let found = lines(b"one\r\n\n  \nfour\r\nfive", 7, &mut bad);
        assert_eq!(found, [(7, &b"one"[..]), (10, b"four"), (11, b"five")]);
        assert!(bad.is_empty());
    }

    #[test]
    fn a_line_of_text_is_an_event_with_that_text() {
        let text = "a \"quoted\" \\ tab\t, bell\u{7}, ünï";
        let mut buffer = Vec::new();
        let events = events(&[(1, text.as_bytes()), (2, b"\xff")], &mut buffer);
        let event: serde_json::Value = serde_json::from_slice(events[0].1).unwrap();
        assert_eq!(event["text"], text);
        assert_eq!(events[1], (2, &b"{\"type\":\"chat.message\",\"text\":\"\xff\"}"[..]));
    }
}
