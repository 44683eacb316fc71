//! Continuity: C28 and C29.

use super::{Event, Stream, a_then_b, at, correlation, count, program};
use std::collections::BTreeMap;
use std::sync::Arc;
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{Program, Settings};

/// What a log keeps of windows: by key the last bytes.
type Log = BTreeMap<Vec<u8>, Vec<u8>>;

impl Stream {
    /// Writes what changed to the log, as a transaction does.
    fn commit(&mut self, log: &mut Log) {
        let written = self.folder.write(|_, key, bytes| -> Result<(), ()> {
            match bytes {
                Some(bytes) => drop(log.insert(key.to_vec(), bytes.to_vec())),
                None => drop(log.remove(key)),
            }
            Ok(())
        });
        written.unwrap();
        self.folder.committed();
    }

    /// Another process, which knows the log alone.
    fn restarted(self, program: &Arc<Program>, log: &Log) -> Stream {
        let mut folder = Folder::new(Arc::clone(program), Settings::default());
        for (key, bytes) in log {
            folder.restore(0, key, Some(bytes)).unwrap();
        }
        Stream { folder, ..self }
    }
}

fn with_restarts(documents: &str, events: &[Event]) -> Vec<usize> {
    let program = program(documents);
    let mut log = Log::new();
    let mut stream = Stream::of(Arc::clone(&program));
    let mut fired = Vec::new();
    for (index, event) in events.iter().enumerate() {
        fired.extend(stream.take(event).iter().map(|_| index));
        stream.commit(&mut log);
        stream = stream.restarted(&program, &log);
    }
    fired
}

/// What becomes of windows of a correlation of the same meaning, and of another, when a stream gets another program so.
fn assert_renewed(renew: impl Fn(Stream, Arc<Program>) -> Stream) {
    let documents = a_then_b("30m");
    let same = documents.replace("title: seq", "title: Another title").replace("level: high", "level: low");
    let other = a_then_b("29m");
    for (changed, fires, restarted) in [(same, 1, 0), (other, 0, 1)] {
        let mut stream = Stream::new(&documents);
        stream.take(&at(0.0, "a"));
        let mut stream = renew(stream, program(&changed));
        assert_eq!(stream.take(&at(60.0, "b")).len(), fires, "{changed}");
        assert_eq!(stream.stats.restarted.len(), restarted, "{changed}");
    }
}

#[test]
fn c28_what_means_the_same_goes_on_and_what_does_not_begins_anew() {
    assert_renewed(|mut stream, program| {
        stream.folder.replace(program);
        stream
    });
}

#[test]
fn c28_so_it_is_for_a_process_that_knows_the_log_alone() {
    assert_renewed(|mut stream, program| {
        let mut log = Log::new();
        stream.commit(&mut log);
        stream.restarted(&program, &log)
    });
}

/// What a transaction did that is aborted is void, and so is what was said of it: it is said again, once.
#[test]
fn c28_what_begins_anew_is_told_until_it_is_durable() {
    let mut stream = Stream::new(&a_then_b("30m"));
    let mut log = Log::new();
    for (offset, sender) in [(0, "u1"), (1, "u3"), (2, "u5")] {
        stream.offset = offset;
        stream.take(&at(0.0, "a").from(sender, "u2"));
    }
    stream.commit(&mut log);
    stream.folder.replace(program(&a_then_b("29m")));
    let told = |stream: &mut Stream, offset, sender| {
        stream.offset = offset;
        stream.stats.restarted.clear();
        stream.take(&at(60.0, "b").from(sender, "u2"));
        stream.stats.restarted.len()
    };
    assert_eq!(told(&mut stream, 3, "u1"), 1);
    stream.folder.aborted();
    assert_eq!(told(&mut stream, 3, "u1"), 1, "nobody has heard of it");
    assert_eq!(told(&mut stream, 4, "u3"), 0, "it was said a moment ago");
    stream.commit(&mut log);
    stream.folder.aborted();
    assert_eq!(told(&mut stream, 5, "u5"), 0, "it is durable");
}

#[test]
fn c28_a_base_rule_that_means_something_else_counts_too() {
    let changed = |from: &str, to: &str| {
        let text = [super::rules().replace(from, to), a_then_b("30m")].concat();
        super::compiled(&super::of_text(&text))
    };
    let restarted = |to: Arc<Program>| {
        let mut stream = Stream::new(&a_then_b("30m"));
        stream.take(&at(0.0, "a"));
        stream.folder.replace(to);
        stream.take(&at(60.0, "b"));
        stream.stats.restarted.len()
    };
    assert_eq!(restarted(changed("wordb", "wordb2")), 1);
    assert_eq!(restarted(changed("\"title\":\"b\"", "\"title\":\"B\"")), 0);
    assert_eq!(restarted(changed("wordc", "wordc2")), 0, "a rule of no part");
}

#[test]
fn c29_what_the_log_keeps_is_the_state_of_a_run_that_never_stopped() {
    let minutes = [0.0, 10.0, 20.0, 25.0, 35.0, 40.0];
    let events = minutes.map(|minute| at(minute * 60.0, "a"));
    assert_eq!(super::places(&count(3, "30m"), &events), [2, 5]);
    assert_eq!(with_restarts(&count(3, "30m"), &events), [2, 5]);
    let events =
        [at(0.0, "a"), at(200.0, "b"), at(100.0, "a"), at(300.0, "b"), at(400.0, "a"), at(500.0, "b")];
    assert_eq!(with_restarts(&a_then_b("30m"), &events), super::places(&a_then_b("30m"), &events));
}

#[test]
fn c29_results_of_correlations_go_on_after_a_restart_too() {
    let child = "type: temporal, rules: [a, b], group-by: [sender.id, recipient.id], timespan: 1h";
    let same = "type: temporal_ordered, rules: [child, c], group-by: [sender.id, recipient.id], timespan: 1h";
    let fewer = "type: temporal_ordered, rules: [child, d], group-by: [sender.id], timespan: 1h";
    let documents = [
        correlation("child", child, "review: {publish: false}"),
        correlation("same", same, ""),
        correlation("fewer", fewer, ""),
    ]
    .concat();
    let events = [at(0.0, "a"), at(1.0, "b"), at(2.0, "c"), at(3.0, "d")];
    assert_eq!(with_restarts(&documents, &events), [2, 3]);
}

#[test]
fn what_an_aborted_transaction_did_is_forgotten() {
    let mut stream = Stream::new(&count(2, "30m"));
    let mut log = Log::new();
    stream.take(&at(0.0, "a"));
    stream.commit(&mut log);
    assert_eq!(stream.take(&at(1.0, "a")).len(), 1);
    stream.folder.aborted();
    stream.offset = 1;
    assert_eq!(stream.take(&at(1.0, "a")).len(), 1, "it comes again, and is folded again");
}

#[test]
fn windows_are_removed_when_their_time_is_over() {
    let mut stream = Stream::new(&count(2, "30m"));
    let mut log = Log::new();
    stream.take(&at(0.0, "a"));
    stream.commit(&mut log);
    stream.take(&at(3.0 * 3600.0, "a").from("other", "u2"));
    stream.commit(&mut log);
    stream.commit(&mut log);
    assert_eq!((log.len(), stream.folder.keys()), (1, 1));
}

/// What completes a window may come a minute late: its steps are then events before the newest, and show what was said all the same.
#[test]
fn c29_steps_of_what_completes_late_keep_what_they_show() {
    let keys = "group-by: [sender.id, recipient.id], timespan: 1h";
    let sections = [
        format!("type: temporal, rules: [a, b], {keys}"),
        format!("type: temporal_ordered, rules: [a, b], {keys}"),
        format!("type: value_sum, rules: [a, b], {keys}, condition: {{gte: 30, field: rule.score}}"),
    ];
    for section in sections {
        let documents = correlation("late", &section, "");
        let program = program(&documents);
        // The first is more than a minute before the last, the others are not; what completes is 56 to 4 seconds late.
        for second in 0..14 {
            let (mut log, mut stream) = (Log::new(), Stream::of(Arc::clone(&program)));
            for seconds in [0].into_iter().chain((8..=60).step_by(4)).chain([62]) {
                assert_eq!(stream.take(&at(f64::from(seconds), "a")).len(), 0);
            }
            stream.commit(&mut log);
            let mut stream = stream.restarted(&program, &log);
            let flags = stream.take(&at(f64::from(second).mul_add(4.0, 6.0), "b"));
            let steps = &flags[0].correlation.as_ref().unwrap().steps;
            let shown: Vec<bool> = steps.iter().map(|step| !step.evidence.is_empty()).collect();
            assert_eq!(shown, [true, true], "{section}, {second}");
        }
    }
}
