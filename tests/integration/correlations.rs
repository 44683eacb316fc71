//! What correlations mean, clause by clause: `c01` to `c29` are those of the rule language's definition. Each is a stream of events through
//! the stages that `run` and `scan` use, and what fires on it.
//!
//! A property test beside the windows holds them to an oracle over all subsets and orders; here stands what a reader of the clause
//! would try.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic")]

mod bytes;
mod chains;
mod flags;
mod keys;
mod metadata;
mod order;
mod state;
mod types;

use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::sync::Arc;
use wardline::correlate::Hit;
use wardline::event::{FieldTable, Record};
use wardline::flag::Flag;
use wardline::library::{self, Sources};
use wardline::rule::SourceMap;
use wardline::ruleset::Limits;
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{MatchStage, Outcome, Program, Reading, Settings};
use wardline::worker::stats::BatchStats;

/// Rules `a` to `e`: each fires on texts with its word. They publish nothing, so that only correlations flag.
fn rules() -> String {
    let mut text = String::new();
    for (name, score) in [("a", 10), ("b", 20), ("c", 30), ("d", 40), ("e", 50)] {
        let rule = json!({
            "title": name, "id": format!("id-{name}"), "name": name, "level": "low",
            "detection": {"s": {"text|word": format!("word{name}")}, "condition": "s"},
            "review": {"score": score, "publish": false},
        });
        writeln!(text, "{rule}\n---").unwrap();
    }
    text
}

/// A correlation's document: what stands below `correlation`, and what else stands in it.
fn correlation(name: &str, section: &str, more: &str) -> String {
    format!(
        "title: {name}\nid: id-{name}\nname: {name}\nlevel: high\ncorrelation: {{{section}}}\n{more}\n---\n"
    )
}

fn sources(documents: &str) -> Sources {
    of_text(&format!("{}{documents}", rules()))
}

fn of_text(text: &str) -> Sources {
    let mut map = SourceMap::default();
    map.add_bytes("rules.yml", text.as_bytes());
    Sources { map, ..Sources::default() }
}

fn program(documents: &str) -> Arc<Program> {
    compiled(&sources(documents))
}

fn compiled(sources: &Sources) -> Arc<Program> {
    let library = library::compile(sources, &Reading::default(), &Limits::default());
    Arc::new(library.unwrap_or_else(|found| panic!("{found:#?}")).program)
}

/// The codes of what is wrong with a document.
fn codes(documents: &str) -> Vec<&'static str> {
    let judged = library::judge(&sources(documents), &FieldTable::canonical(), &Limits::default());
    judged.diagnostics.iter().map(|found| found.code.number()).collect()
}

/// An event: which rules fire on it, and when, in seconds.
#[derive(Debug, Clone)]
struct Event {
    fields: Map<String, Value>,
    place: Option<(i32, i64)>,
    stamp: Option<i64>,
}

const START_MS: i64 = 1_767_268_800_000;

/// An event on which those rules fire, so many seconds after the start.
fn at(seconds: f64, fires: &str) -> Event {
    let words: Vec<String> = fires.chars().map(|name| format!("word{name}")).collect();
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    let time = START_MS + (seconds * 1000.0) as i64;
    let fields = json!({"type": "chat.message", "time": time, "platform": "demo", "text": words.join(" "),
        "sender": {"id": "u1"}, "recipient": {"id": "u2"}});
    Event { fields: fields.as_object().unwrap().clone(), place: None, stamp: None }
}

impl Event {
    /// With a field of another value, by its path.
    fn with(mut self, path: &str, value: Value) -> Event {
        match path.split_once('.') {
            Some((first, rest)) => {
                let inner = self.fields.entry(first).or_insert_with(|| json!({}));
                inner[rest] = value;
            }
            None => drop(self.fields.insert(path.to_owned(), value)),
        }
        self
    }

    fn from(self, sender: &str, recipient: &str) -> Event {
        self.with("sender.id", json!(sender)).with("recipient.id", json!(recipient))
    }

    /// Standing there in the log.
    fn standing(mut self, partition: i32, offset: i64) -> Event {
        self.place = Some((partition, offset));
        self
    }

    /// With the record's own time stamp, in seconds after the start.
    fn stamped(mut self, seconds: i64) -> Event {
        self.stamp = Some(START_MS + seconds * 1000);
        self
    }
}

/// The two stages, one behind the other.
struct Stream {
    matching: MatchStage,
    folder: Folder,
    offset: i64,
    stats: BatchStats,
    hits: usize,
}

impl Stream {
    fn new(documents: &str) -> Stream {
        Stream::of(program(documents))
    }

    fn of(program: Arc<Program>) -> Stream {
        Stream {
            matching: MatchStage::new(Arc::clone(&program), Settings::default()),
            folder: Folder::new(program, Settings::default()),
            offset: 0,
            stats: BatchStats::default(),
            hits: 0,
        }
    }

    /// The hits of an event, which are not folded.
    fn hits_of(&mut self, event: &Event) -> Vec<Hit> {
        self.matched(event).hits.into_iter().map(|out| out.hit).collect()
    }

    /// The flags that an event brings about.
    fn take(&mut self, event: &Event) -> Vec<Flag> {
        let outcome = self.matched(event);
        let mut folded = Outcome::default();
        self.folder.fold_all(outcome.hits, START_MS, &mut folded).unwrap();
        self.stats += &folded.stats;
        folded.flags.iter().map(|flag| serde_json::from_slice(&flag.body).unwrap()).collect()
    }

    fn matched(&mut self, event: &Event) -> Outcome {
        self.offset += 1;
        let topic: Arc<str> = Arc::from("chat.events");
        let (partition, offset) = event.place.unwrap_or((0, self.offset));
        let payload = Value::Object(event.fields.clone()).to_string();
        let payload = Some(payload.as_bytes());
        let record = Record { topic: &topic, partition, offset, timestamp: event.stamp, key: None, payload };
        let outcome = self.matching.run(&[record], i64::MAX).clone();
        assert_eq!(outcome.dead, []);
        self.hits += outcome.hits.len();
        self.stats += &outcome.stats;
        outcome
    }

    /// For each event what fires on it, by name.
    fn fired(&mut self, events: &[Event]) -> Vec<String> {
        let names = |flags: Vec<Flag>| {
            let names: Vec<String> = flags.iter().map(|flag| flag.rule.name.to_string()).collect();
            names.join(" ")
        };
        events.iter().map(|event| names(self.take(event))).collect()
    }
}

/// For each event what fires on it.
fn fired(documents: &str, events: &[Event]) -> Vec<String> {
    Stream::new(documents).fired(events)
}

/// Whether anything fires, and where: the indices of the events.
fn places(documents: &str, events: &[Event]) -> Vec<usize> {
    let fired = fired(documents, events);
    fired.iter().enumerate().filter(|(_, names)| !names.is_empty()).map(|(index, _)| index).collect()
}

/// The times of a flag's steps, in seconds after the start.
fn step_seconds(flag: &Flag) -> Vec<i64> {
    let steps = &flag.correlation.as_ref().expect("a flag of a correlation").steps;
    let seconds = |time: &str| time.parse::<jiff::Timestamp>().unwrap().as_second() - START_MS / 1000;
    steps.iter().map(|step| seconds(&step.time)).collect()
}

/// `a`, then `b`, in order, by sender and recipient.
fn a_then_b(timespan: &str) -> String {
    let section = format!(
        "type: temporal_ordered, rules: [a, b], group-by: [sender.id, recipient.id], timespan: {timespan}"
    );
    correlation("seq", &section, "")
}

fn count(least: u32, timespan: &str) -> String {
    let section = format!(
        "type: event_count, rules: [a], group-by: [sender.id], timespan: {timespan}, condition: {{gte: {least}}}"
    );
    correlation("many", &section, "")
}
