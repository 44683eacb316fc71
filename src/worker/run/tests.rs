//! The loop against a source and a sink made of vectors, which fail where a case tells them to.

use super::*;
use crate::position::Begin;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

mod recall;
mod state;

/// What a poll brings.
#[derive(Debug, Clone)]
enum Poll {
    /// Records of a partition from an offset on.
    Records(i32, std::ops::Range<i64>),
    Change(Change),
    Fails,
}

/// What the loop asked for, in order.
type Log = Rc<RefCell<Vec<String>>>;

struct Script<'a> {
    polls: VecDeque<Poll>,
    log: Log,
    stop: &'a AtomicBool,
}

impl Source for Script<'_> {
    fn poll(&mut self, _: Duration, take: &mut dyn FnMut(&[Record<'_>])) -> Result<Vec<Change>, Failure> {
        let topic = Arc::from("in");
        let Some(poll) = self.polls.pop_front() else {
            self.stop.store(true, Ordering::Relaxed);
            return Ok(Vec::new());
        };
        match poll {
            Poll::Fails => Err(Failure::rewind("the source fails")),
            Poll::Change(change) => Ok(vec![change]),
            Poll::Records(partition, offsets) => {
                let record = |offset| Record {
                    topic: &topic,
                    partition,
                    offset,
                    timestamp: None,
                    key: None,
                    payload: Some(b"{}"),
                };
                take(&offsets.map(record).collect::<Vec<_>>());
                Ok(Vec::new())
            }
        }
    }

    fn rewind(&mut self, offsets: &[(i32, i64)]) -> Result<(), Failure> {
        self.log.borrow_mut().push(format!("rewind {offsets:?}"));
        Ok(())
    }

    fn release(&mut self, partitions: &[i32]) -> Result<(), Failure> {
        self.log.borrow_mut().push(format!("release {partitions:?}"));
        Ok(())
    }
}

/// Fails at the given calls, counted from 1 over sends and commits together.
struct Tape {
    log: Log,
    calls: usize,
    fails: BTreeMap<usize, Remedy>,
}

impl Tape {
    fn call(&mut self, what: String) -> Result<(), Failure> {
        self.calls += 1;
        let Some(remedy) = self.fails.get(&self.calls) else {
            self.log.borrow_mut().push(what);
            return Ok(());
        };
        self.log.borrow_mut().push(format!("{what} fails"));
        Err(Failure { remedy: *remedy, message: "the sink fails".to_owned() })
    }
}

impl Sink for Tape {
    fn send(&mut self, message: Message<'_>) -> Result<(), Failure> {
        let key = String::from_utf8_lossy(message.key.unwrap_or_default()).into_owned();
        self.call(format!("send {key}"))
    }

    fn commit(&mut self, resumes: &[Resume]) -> Result<(), Failure> {
        let offsets: Vec<_> = resumes.iter().map(|resume| (resume.partition, resume.offset)).collect();
        let recalls: Vec<_> = resumes.iter().filter_map(|resume| resume.recall).collect();
        let recalls = if recalls.is_empty() { String::new() } else { format!(" recalling from {recalls:?}") };
        self.call(format!("commit {offsets:?}{recalls}"))
    }

    fn abort(&mut self) -> Result<(), Failure> {
        self.log.borrow_mut().push("abort".to_owned());
        Ok(())
    }
}

/// Sends a message for every record with an offset divisible by ten.
struct Tenth(Log);

impl Stage for Tenth {
    fn run(
        &mut self,
        records: &[Record<'_>],
        _: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        for record in records.iter().filter(|record| record.offset % 10 == 0) {
            let key = format!("{}@{}", record.partition, record.offset);
            let topic = super::super::Topic::Review;
            send(Message { topic, key: Some(key.as_bytes()), headers: &[], body: None, partition: None })?;
        }
        Ok(BatchStats { records: records.len() as u64, ..BatchStats::default() })
    }

    fn aborted(&mut self) {
        self.0.borrow_mut().push("forget".to_owned());
    }
}

#[derive(Default)]
struct Watcher(Mutex<Vec<String>>);

impl Observer for Watcher {
    fn done(&self, _: usize, stats: &BatchStats) {
        self.note(format!("done {}", stats.records));
    }

    fn dropped(&self, _: usize, stale: u64, foreign: u64) {
        self.note(format!("dropped {stale} {foreign}"));
    }

    fn aborted(&self, _: usize, cause: Cause, _: &str) {
        self.note(format!("aborted {cause:?}"));
    }
}

impl Watcher {
    fn note(&self, what: String) {
        self.0.lock().expect("not poisoned").push(what);
    }
}

/// Commits at once what has messages, and never what has none.
const AT_ONCE: CommitPolicy =
    CommitPolicy { floor: Duration::ZERO, factor: 0, ceiling: Duration::ZERO, interval: Duration::MAX };

/// Commits only when it has to.
const NEVER: CommitPolicy =
    CommitPolicy { floor: Duration::MAX, factor: 0, ceiling: Duration::MAX, interval: Duration::MAX };

/// Runs the script; yields what was asked of source and sink, what was observed, and the end.
fn play(
    policy: CommitPolicy,
    polls: &[Poll],
    fails: &[(usize, Remedy)],
) -> (Vec<String>, Vec<String>, Result<(), Failure>) {
    play_by(&mut |log| Box::new(Tenth(log)), policy, polls, fails)
}

/// The same by another stage.
fn play_by(
    stage: &mut dyn FnMut(Log) -> Box<dyn Stage>,
    policy: CommitPolicy,
    polls: &[Poll],
    fails: &[(usize, Remedy)],
) -> (Vec<String>, Vec<String>, Result<(), Failure>) {
    let log = Log::default();
    let stop = AtomicBool::new(false);
    let watcher = Watcher::default();
    let mut source = Script { polls: polls.iter().cloned().collect(), log: Rc::clone(&log), stop: &stop };
    let mut sink = Tape { log: Rc::clone(&log), calls: 0, fails: fails.iter().copied().collect() };
    let mut stage = stage(Rc::clone(&log));
    let seat = Seat { slot: 0, policy, pause: Duration::ZERO, clock: || 0, stop: &stop, observer: &watcher };
    let end = run(&mut source, &mut *stage, &mut sink, seat);
    let observed = watcher.0.into_inner().expect("not poisoned");
    (log.take(), observed, end)
}

fn assigned(starts: &[(i32, i64)]) -> Poll {
    let begin = |(partition, offset): &(i32, i64)| Begin::at(*partition, *offset, true);
    Poll::Change(Change::Assigned(starts.iter().map(begin).collect()))
}

fn assigned_anew(partition: i32, offset: i64) -> Poll {
    Poll::Change(Change::Assigned(vec![Begin::at(partition, offset, false)]))
}

/// What it shows, the policy, the polls, the calls that fail, what is asked for, what is observed.
struct Case {
    name: &'static str,
    policy: CommitPolicy,
    polls: Vec<Poll>,
    fails: Vec<(usize, Remedy)>,
    asked: Vec<&'static str>,
    observed: Vec<&'static str>,
}

fn case(
    name: &'static str,
    policy: CommitPolicy,
    polls: &[Poll],
    fails: &[(usize, Remedy)],
    asked: &[&'static str],
    observed: &[&'static str],
) -> Case {
    let (asked, observed) = (asked.to_vec(), observed.to_vec());
    Case { name, policy, polls: polls.to_vec(), fails: fails.to_vec(), asked, observed }
}

fn check(cases: &[Case]) {
    for case in cases {
        let (log, seen, end) = play(case.policy, &case.polls, &case.fails);
        assert_eq!(log, case.asked, "{}", case.name);
        assert_eq!(seen, case.observed, "{}", case.name);
        assert!(end.is_ok(), "{}: {end:?}", case.name);
    }
}

fn revoked(partition: i32) -> Poll {
    Poll::Change(Change::Revoked(vec![partition]))
}

fn lost(partition: i32) -> Poll {
    Poll::Change(Change::Lost(vec![partition]))
}

#[test]
fn what_is_taken_is_sent_and_committed() {
    check(&[
        case(
            "messages commit with the offsets that they came from",
            AT_ONCE,
            &[assigned(&[(0, 5)]), Poll::Records(0, 5..12)],
            &[],
            &["send 0@10", "commit [(0, 12)]"],
            &["done 7"],
        ),
        case(
            "offsets alone wait, and commit at the end",
            AT_ONCE,
            &[assigned(&[(0, 5)]), Poll::Records(0, 5..8), Poll::Records(0, 8..9)],
            &[],
            &["commit [(0, 9)]"],
            &["done 4"],
        ),
        case(
            "nothing taken, nothing committed",
            AT_ONCE,
            &[assigned(&[(0, 5)]), revoked(0)],
            &[],
            &["release [0]"],
            &[],
        ),
        case(
            "a stretch delivered again is dropped",
            AT_ONCE,
            &[assigned(&[(0, 5)]), Poll::Records(0, 3..7), Poll::Records(0, 1..7), Poll::Records(0, 5..11)],
            &[],
            &["send 0@10", "commit [(0, 11)]"],
            &["dropped 2 0", "dropped 6 0", "dropped 2 0", "done 6"],
        ),
        case(
            "records of partitions not owned are dropped",
            AT_ONCE,
            &[assigned(&[(0, 5)]), Poll::Records(1, 9..12)],
            &[],
            &[],
            &["dropped 0 3"],
        ),
        case(
            "a revoked partition is committed before it is let go",
            NEVER,
            &[assigned(&[(0, 5), (1, 0)]), Poll::Records(0, 5..11), Poll::Records(1, 0..2), revoked(0)],
            &[],
            &["send 0@10", "send 1@0", "commit [(0, 11), (1, 2)]", "release [0]"],
            &["done 8"],
        ),
        case(
            "a start that nobody has committed is committed at once",
            NEVER,
            &[assigned_anew(0, 5), Poll::Records(0, 5..6), revoked(0)],
            &[],
            &["commit [(0, 5)]", "commit [(0, 6)]", "release [0]"],
            &["done 0", "done 1"],
        ),
    ]);
}

#[test]
fn what_fails_is_aborted_and_read_again() {
    let rewind = Remedy::Rewind;
    check(&[
        case(
            "a lost partition is aborted, and the others are read again",
            NEVER,
            &[
                assigned(&[(0, 5), (1, 0)]),
                Poll::Records(0, 5..11),
                Poll::Records(1, 0..2),
                lost(0),
                Poll::Records(1, 0..1),
            ],
            &[],
            &[
                "send 0@10",
                "send 1@0",
                "abort",
                "forget",
                "release [0]",
                "rewind [(1, 0)]",
                "send 1@0",
                "commit [(1, 1)]",
            ],
            &["aborted Lost", "done 1"],
        ),
        case(
            "a commit refused at a revoke is aborted, and the partition still let go",
            NEVER,
            &[assigned(&[(0, 5), (1, 0)]), Poll::Records(0, 5..11), revoked(0)],
            &[(2, rewind)],
            &["send 0@10", "commit [(0, 11)] fails", "abort", "forget", "release [0]", "rewind [(1, 0)]"],
            &["aborted Commit"],
        ),
    ]);
}

#[test]
fn what_fails_outside_of_a_rebalance_goes_back_to_the_last_commit() {
    let rewind = Remedy::Rewind;
    check(&[
        case(
            "a message that cannot be sent ends its batch: abort, rewind, again",
            AT_ONCE,
            &[assigned(&[(0, 5)]), Poll::Records(0, 5..31), Poll::Records(0, 5..31)],
            &[(2, rewind)],
            &[
                "send 0@10",
                "send 0@20 fails",
                "abort",
                "forget",
                "rewind [(0, 5)]",
                "send 0@10",
                "send 0@20",
                "send 0@30",
                "commit [(0, 31)]",
            ],
            &["aborted Batch", "done 26"],
        ),
        case(
            "a commit that is refused goes back to the last one",
            AT_ONCE,
            &[
                assigned(&[(0, 5)]),
                Poll::Records(0, 5..11),
                Poll::Records(0, 11..21),
                Poll::Records(0, 11..21),
            ],
            &[(4, rewind)],
            &[
                "send 0@10",
                "commit [(0, 11)]",
                "send 0@20",
                "commit [(0, 21)] fails",
                "abort",
                "forget",
                "rewind [(0, 11)]",
                "send 0@20",
                "commit [(0, 21)]",
            ],
            &["done 6", "aborted Commit", "done 10"],
        ),
        case(
            "a failing source is rewound",
            NEVER,
            &[assigned(&[(0, 5)]), Poll::Records(0, 5..7), Poll::Fails],
            &[],
            &["abort", "forget", "rewind [(0, 5)]"],
            &["aborted Batch"],
        ),
    ]);
}

#[test]
fn what_only_a_fresh_start_repairs_ends_the_loop() {
    let polls = [assigned(&[(0, 5)]), Poll::Records(0, 5..11), Poll::Records(0, 11..21)];
    let (log, _, end) = play(AT_ONCE, &polls, &[(2, Remedy::Stop)]);
    assert_eq!(log, ["send 0@10", "commit [(0, 11)] fails"]);
    assert_eq!(end.expect_err("it stops").remedy, Remedy::Stop);
}

#[test]
fn a_failure_that_does_not_end_ends_the_loop() {
    let mut polls = vec![assigned(&[(0, 5)])];
    polls.extend(std::iter::repeat_n(Poll::Fails, MOST_ABORTS as usize + 5));
    let (log, observed, end) = play(AT_ONCE, &polls, &[]);
    assert_eq!(observed.len(), MOST_ABORTS as usize + 1);
    assert_eq!(log.iter().filter(|call| *call == "abort").count(), MOST_ABORTS as usize);
    assert!(end.expect_err("it stops").message.contains("in a row"));
}

#[test]
fn what_cannot_be_committed_in_the_end_is_given_up() {
    let polls = [assigned(&[(0, 5)]), Poll::Records(0, 5..11)];
    let (log, observed, end) = play(NEVER, &polls, &[(2, Remedy::Rewind)]);
    assert_eq!(log, ["send 0@10", "commit [(0, 11)] fails", "abort", "forget"]);
    assert_eq!(observed, ["aborted Commit"]);
    assert!(end.is_ok(), "{end:?}");
}

/// What the observer is told of the age of what is not committed, by the report that follows each poll.
fn ages(polls: &[Poll]) -> Vec<bool> {
    struct Ages(Mutex<Vec<bool>>);
    impl Observer for Ages {
        fn report(&self, _: usize, _: &[(i32, i64)], uncommitted: Duration) {
            self.0.lock().expect("not poisoned").push(uncommitted > Duration::ZERO);
        }
    }
    let (log, stop, told) = (Log::default(), AtomicBool::new(false), Ages(Mutex::default()));
    let mut source = Script { polls: polls.iter().cloned().collect(), log: Rc::clone(&log), stop: &stop };
    let mut sink = Tape { log: Rc::clone(&log), calls: 0, fails: BTreeMap::new() };
    let mut stage = Tenth(log);
    let seat =
        Seat { slot: 0, policy: NEVER, pause: Duration::ZERO, clock: || 0, stop: &stop, observer: &told };
    let mut worker = Worker::new(&mut source, &mut stage, &mut sink, seat);
    for _ in polls {
        worker.step().expect("nothing fails for good");
        worker.books.last_report = Instant::now().checked_sub(REPORT).expect("the machine runs for a second");
        worker.report();
    }
    told.0.into_inner().expect("not poisoned")
}

#[test]
fn the_age_of_what_is_taken_outlives_aborts_and_not_ownership() {
    let polls = [assigned(&[(0, 5)]), Poll::Records(0, 3..5), Poll::Records(0, 5..7), Poll::Fails, lost(0)];
    assert_eq!(ages(&polls), [false, false, true, true, false]);
}
