//! `wardline test`: the rules' own tests, through the same stage that `run` uses.
//!
//! All examples are evaluated as one batch against the whole rule set, and a test looks only at its own rule: what an
//! author sees here is what happens in the stream. Fields that an example leaves out are filled in with
//! values that are equal in every example, so that a test states only what matters to it.

use super::{exit, rules};
use crate::event::Record;
use crate::flag::{Flag, rfc3339};
use crate::library::Library;
use crate::rule::model::{Example, Expectation, Rule, Status};
use crate::ruleset::Limits;
use crate::worker::stage::{MatchStage, OutFlag, Program, Settings};
use clap::Args;
use rules::count;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Time of an example that states none: 2026-01-01T12:00:00Z.
const NOW_MS: i64 = 1_767_268_800_000;

/// What the clock shows: 2100-01-01T00:00:00Z, so that an example may happen whenever it says.
const CLOCK_MS: i64 = 4_102_444_800_000;

/// Runs the tests that rules carry.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Configuration of the service, for the types of its own fields, its rules and its lists. Examples in
    /// rules are written in the rules' own names of fields, whatever the platform calls them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of lists (`name.txt`), which replace those in `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// Rule files, or directories of them; without any, those of the configuration.
    #[arg(required_unless_present = "config", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let library = match load(arguments) {
        Ok(library) => library,
        Err(code) => return code,
    };
    let report = test(&Arc::new(library.program));
    let code = if report.failed == 0 { exit::CLEAN } else { exit::FINDINGS };
    exit::written(show(&report.text), "the result", code)
}

fn load(arguments: &Arguments) -> Result<Library, ExitCode> {
    let config = rules::configuration(arguments.config.as_deref())?;
    let (paths, lists) = rules::places(&arguments.paths, arguments.lists.as_deref(), config.as_ref());
    rules::load(paths, lists, &rules::canonical_reading(config.as_ref()), &Limits::default())
}

fn show(report: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(report.as_bytes())?;
    out.flush()
}

/// What is shown in the end.
struct Report {
    text: String,
    failed: usize,
}

/// An example that is to be tried.
struct Trial<'p> {
    rule: &'p Rule,
    example: &'p Example,
    /// The whole events, as JSON: the last is judged.
    events: Vec<String>,
}

/// Runs every test of every rule that is in use.
fn test(program: &Arc<Program>) -> Report {
    let rules = program.rules().rules();
    let in_use = || rules.iter().filter(|rule| rule.status != Status::Retired);
    let trials = in_use().flat_map(|rule| rule.tests.iter().map(move |example| (rule, example)));
    let trials = trials.zip(1..).map(|((rule, example), number): (_, usize)| {
        let events = example.before.iter().chain([&example.event]).zip(0..);
        let events = events.map(|(event, before)| complete(rule, event, (number, before)).to_string());
        Trial { rule, example, events: events.collect() }
    });
    let trials: Vec<_> = trials.collect();
    let failures = failures(program, &trials);
    let untested = in_use().filter(|rule| rule.tests.is_empty()).count();
    let (passed, failed) = (trials.len() - failures.len(), failures.len());
    let untested = if untested > 0 { format!(", {untested} without tests") } else { String::new() };
    let (tests, rules) = (count(passed, "test"), count(rules.len(), "rule"));
    let text = format!("{}{tests} passed, {failed} failed; {rules}{untested}\n", failures.concat());
    Report { text, failed }
}

/// What there is to say about each test that failed.
fn failures(program: &Arc<Program>, trials: &[Trial<'_>]) -> Vec<String> {
    let topic: Arc<str> = Arc::from("test");
    // A partition each: what came before in one is nothing to another.
    let records = trials.iter().zip(0..).flat_map(|(trial, partition)| {
        let topic = &topic;
        trial.events.iter().zip(1..).map(move |(event, offset)| Record {
            topic,
            partition,
            offset,
            timestamp: None,
            key: None,
            payload: Some(event.as_bytes()),
        })
    });
    let records: Vec<_> = records.collect();
    let settings = Settings { unpublished: true, ..Settings::default() };
    let mut stage = MatchStage::new(Arc::clone(program), settings);
    let outcome = stage.run(&records, CLOCK_MS);
    let fired = outcome.flags.iter().map(|out| ((out.record, out.rule.id.as_str()), out));
    let fired: BTreeMap<_, _> = fired.collect();
    let dead: BTreeMap<_, _> = outcome.dead.iter().map(|letter| (letter.record, &letter.message)).collect();
    let ends = trials.iter().scan(0u32, |end, trial| {
        *end += u32::try_from(trial.events.len()).ok()?;
        Some(*end - 1)
    });
    let judged = ends.zip(trials).filter_map(|(record, trial)| {
        let flag = fired.get(&(record, trial.rule.id.as_str())).copied();
        trial.failure(flag, dead.get(&record).map(|message| message.as_str()))
    });
    judged.collect()
}

impl Trial<'_> {
    /// Why the test failed, if it did, given the rule's flag on the event or why that is none.
    fn failure(&self, flag: Option<&OutFlag>, not_an_event: Option<&str>) -> Option<String> {
        let problem = match (self.example.expect, flag, not_an_event) {
            (_, _, Some(message)) => format!("the event cannot be read: {message}"),
            (Expectation::Match, None, _) => "expected a match, the rule did not fire".to_owned(),
            (Expectation::NoMatch, Some(flag), _) => {
                format!("expected no match, the rule fired{}", why(flag))
            }
            (Expectation::Match, Some(_), _) | (Expectation::NoMatch, None, _) => return None,
        };
        let Trial { rule, example, events } = self;
        let place = format!("{}:{}", rule.origin.file, example.line);
        Some(format!(
            "FAIL {} / {}\n  at {place}\n  {problem}\n  event: {}\n\n",
            rule.name,
            example.name,
            events.join("\n  event: ")
        ))
    }
}

/// The matches that made the rule fire.
fn why(out: &OutFlag) -> String {
    let Ok(flag) = serde_json::from_slice::<Flag>(&out.body) else {
        return String::new();
    };
    let lines = flag.evidence.iter().map(|found| {
        let text = found.excerpt.as_deref().unwrap_or_default();
        let within = |at: u32| at.saturating_sub(found.excerpt_offset);
        let (start, end) = (within(found.span.start), within(found.span.end));
        let matched = text.get(start as usize..end as usize).unwrap_or_default();
        format!("\n  because {} ({}) holds `{matched}`", found.field, found.view)
    });
    lines.collect()
}

/// An event of an example with all that it leaves out. The number is that of the example, and of the event in it.
fn complete(rule: &Rule, written: &Value, number: (usize, usize)) -> Value {
    let mut event = Map::new();
    for (path, value) in written.as_object().into_iter().flatten() {
        let segments: Vec<_> = path.split('.').collect();
        insert(&mut event, &segments, value.clone());
    }
    let mut fill = |path: &[&str], value: Value| {
        if !holds(&event, path) {
            insert(&mut event, path, value);
        }
    };
    let (example, before) = number;
    let id = if before == 0 { format!("test-{example}") } else { format!("test-{example}-{}", before + 1) };
    fill(&["id"], json!(id));
    fill(&["time"], json!(rfc3339(NOW_MS)));
    fill(&["type"], json!(event_type(rule)));
    fill(&["platform"], json!("test"));
    for who in ["sender", "recipient", "room"] {
        fill(&[who, "id"], json!(format!("test-{who}")));
    }
    Value::Object(event)
}

/// The type of an example that states none: one that its rule looks at.
fn event_type(rule: &Rule) -> &str {
    let usual = "chat.message";
    let types = &rule.event_types;
    if types.iter().any(|own| own == usual) { usual } else { types.first().map_or(usual, String::as_str) }
}

fn holds(object: &Map<String, Value>, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    match object.get(*first) {
        Some(Value::Object(inner)) => holds(inner, rest),
        other => other.is_some(),
    }
}

/// Puts a value at a path; what stands in its way stays.
fn insert(object: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            object.entry(*last).or_insert(value);
        }
        [first, rest @ ..] => {
            let inner = object.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{self, Lists, SourceMap};
    use crate::ruleset::{Limits, RuleSet};
    use crate::worker::stage::Reading;

    const RULES: &str = "
title: Asks an age
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a03
name: ask_age
logsource: {product: chat, category: message}
detection:
  phrases: {text|phrase: how old are you}
  filter: {room.topic|contains: birthday}
  condition: phrases and not filter
review: {publish: false}
tests:
  - {name: hit, expect: match, event: {text: so how old are you}}
  - {name: a birthday, expect: no-match, event: {text: how old are you, room.topic: my birthday party}}
  - {name: missed, expect: match, event: {text: what is your age}}
  - {name: caught, expect: no-match, event: {text: how old are you, room: {topic: maths}}}
---
title: Many gifts
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04
name: gifts
status: shadow
logsource: {product: chat, category: payment}
detection:
  gift: {type: gift, sender.id: test-sender}
  condition: gift
tests:
  - {name: a gift, expect: match, event: {type: gift}}
  - {name: filled in, expect: no-match, event: {amount: 3}}
";

    #[test]
    fn failures_say_what_was_expected_and_why_it_fired() {
        let mut map = SourceMap::default();
        map.add("rules.yml", RULES);
        let reading = Reading::default();
        let loaded = rule::load(&map, &reading.fields, &Lists::default());
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let rules = RuleSet::compile(loaded.rules, &Limits::default()).unwrap();
        let report = test(&Arc::new(Program::new(rules, &Lists::default(), &reading)));
        let event = |text: &str, room: &str| {
            format!(
                r#"{{"id":"test-N","platform":"test","recipient":{{"id":"test-recipient"}},"room":{room},"sender":{{"id":"test-sender"}},"text":"{text}","time":"2026-01-01T12:00:00.000Z","type":"chat.message"}}"#
            )
        };
        let missed = event("what is your age", r#"{"id":"test-room"}"#).replace('N', "3");
        let caught = event("how old are you", r#"{"id":"test-room","topic":"maths"}"#).replace('N', "4");
        let expected = format!(
            "FAIL ask_age / missed
  at rules.yml:14
  expected a match, the rule did not fire
  event: {missed}

FAIL ask_age / caught
  at rules.yml:15
  expected no match, the rule fired
  because text (raw) holds `how old are you`
  event: {caught}

4 tests passed, 2 failed; 2 rules
"
        );
        assert_eq!(report.text, expected);
        assert_eq!(report.failed, 2);
    }
}
