//! `wardline explain`: why a rule fires on an event or does not, or what a diagnostic code means.
//!
//! The rule is read, compiled and evaluated as the service does it ([`crate::engine::trace`]); here are the
//! arguments, where events come from, and which rule is meant.

mod json;
pub(super) mod show;
pub(super) mod windows;

use super::input::PresetName;
use super::pipeline::Order;
use super::reader::Reader;
use super::sequence::{Read, Sequence};
use super::{exit, rules};
use crate::clock::now_ms;
use crate::config;
use crate::correlate::CorrelationIndex;
use crate::engine::trace::Tracer;
use crate::event::{DecodeError, Preset};
use crate::file::{self, Content, Input};
use crate::library::Library;
use crate::rule::codes::Example;
use crate::rule::model::Rule;
use crate::rule::{Code, Correlation};
use crate::ruleset::Limits;
use crate::worker::stage::{Program, Reading};
use clap::{ArgGroup, Args, ValueEnum};
use serde_json::Value;
use std::io::{self, ErrorKind, Read as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use windows::Windows;

/// Explains why a rule fires on an event or does not, or what a diagnostic code means.
///
/// Of each part of the rule's condition it says whether it holds and what was found; of a phrase that was not found,
/// how near the text came; and how each text was read. Of a correlation it says what each event did to its windows, and
/// what is lacking in the end.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
#[command(group(ArgGroup::new("what").required(true).args(["code", "codes", "event", "text"])))]
pub(super) struct Arguments {
    /// A diagnostic code, such as `R601`, or its name.
    #[arg(value_name = "CODE", conflicts_with_all = ["config", "lists", "preset", "rule", "rules"])]
    code: Option<String>,
    /// Lists all diagnostic codes, with how grave each is.
    #[arg(long, conflicts_with_all = ["config", "lists", "preset", "rule", "rules"])]
    codes: bool,
    /// Configuration of the service: how it reads events, its rules and lists. What other options say wins.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// File with an event, or one a line; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// How the explanation is shown.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Directory of lists (`name.txt`), which replace those in `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// The order in which a correlation is told of the events: as they stand in the file, or by their times, as `scan` has it; what is no
    /// event then comes first. It changes nothing about a rule.
    #[arg(long, value_enum, default_value_t = Order::Recorded)]
    order: Order,
    /// Shape of the events; by default the configuration's, or canonical.
    #[arg(long, value_enum, conflicts_with = "text")]
    preset: Option<PresetName>,
    /// Name or id of the rule or correlation; not needed if there is but one.
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// Rule file, or directory of rule files, instead of the configured ones. May be repeated.
    #[arg(long, short, value_name = "PATH", required_unless_present_any = ["config", "code", "codes"])]
    rules: Vec<PathBuf>,
    /// Text of a message, instead of an event.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For tools: one JSON object, which rules/LANGUAGE.md describes.
    Json,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let explained = match &arguments.code {
        Some(code) => meaning(code, arguments.format),
        None if arguments.codes => Ok(codes(arguments.format)),
        None => arguments.explain(),
    };
    let Explained { text, unreadable } = match explained {
        Ok(explained) => explained,
        Err(code) => return code,
    };
    let mut out = anstream::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    exit::written(written, "the explanation", if unreadable { exit::BAD_INPUT } else { exit::CLEAN })
}

/// What is shown.
struct Explained {
    text: String,
    /// Some of the input is no event.
    unreadable: bool,
}

impl Explained {
    fn json(value: &Value, unreadable: bool) -> Explained {
        Explained { text: format!("{value}\n"), unreadable }
    }
}

/// What a diagnostic code means, with an example of what is wrong and how it is right.
fn meaning(asked: &str, format: Format) -> Result<Explained, ExitCode> {
    let Some(code) = Code::find(asked) else {
        let near = config::nearest(asked, Code::ALL.iter().map(|code| code.name()));
        let near = near.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default();
        let message =
            format_args!("{asked:?} is no diagnostic code{near}; `wardline explain --codes` lists all");
        return Err(exit::failed(exit::BAD_CONFIGURATION, message));
    };
    if format == Format::Json {
        return Ok(Explained::json(&json::codes([&code]), false));
    }
    let severity = code.severity().name();
    let example = match code.example() {
        Some(Example::Words(words)) => format!("\n{words}\n"),
        Some(Example::Rules { wrong, right, .. }) => {
            format!("\nwrong:\n{}\nright:\n{}", indented(wrong), indented(right))
        }
        None => String::new(),
    };
    let text = format!("{severity}[{}]: {}\n\n{}\n{example}", code.number(), code.name(), code.meaning());
    Ok(Explained { text, unreadable: false })
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}

/// All diagnostic codes, a line each.
fn codes(format: Format) -> Explained {
    if format == Format::Json {
        return Explained::json(&json::codes(Code::ALL), false);
    }
    let line = |code: &Code| {
        let meaning = code.meaning();
        // Up to the first full stop behind a word.
        let first = meaning.split_once(". ").map_or(meaning, |(first, _)| first).trim_end_matches('.');
        format!("{}  {:7}  {:22}  {first}\n", code.number(), code.severity().name(), code.name())
    };
    Explained { text: Code::ALL.iter().map(line).collect(), unreadable: false }
}

impl Arguments {
    fn explain(&self) -> Result<Explained, ExitCode> {
        let config = rules::configuration(self.config.as_deref())?;
        let preset = self.preset.map(Preset::from);
        let reading = rules::reading_as(config.as_ref(), self.text.is_some(), preset)?;
        let (paths, lists) = rules::places(&self.rules, self.lists.as_deref(), config.as_ref());
        let Library { program, .. } = rules::load(paths, lists, &reading, &Limits::default())?;
        let program = Arc::new(program);
        match self.pick(&program).map_err(|message| exit::failed(exit::BAD_CONFIGURATION, message))? {
            Subject::Rule(rule) => self.rule(rule, &reading),
            Subject::Correlation(index) => self.correlation(&program, &reading, index),
        }
    }

    fn rule(&self, rule: &Rule, reading: &Reading) -> Result<Explained, ExitCode> {
        let tracer = Tracer::new(rule, &Limits::default()).map_err(|errors| {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            exit::failed(exit::BAD_INPUT, format_args!("rule {}: {}", rule.name, errors.join("; ")))
        })?;
        // Events of a file are taken to have come one after another.
        let mut reader = Reader::new(&tracer, reading, now_ms());
        let events = self.events(|bytes| reader.read(bytes).is_ok())?;
        let (mut text, mut values, mut unreadable) = (show::rule(rule), Vec::new(), false);
        for (event, offset) in events.iter().zip(1..) {
            let (name, read) = (&event.name(), reader.next(&event.bytes, offset));
            unreadable |= read.is_err();
            if self.format == Format::Json {
                values.push(match read {
                    Ok(batch) => json::event(name, &tracer.trace(&batch, 0), &batch),
                    Err(error) => json::no_event(name, error),
                });
            } else {
                text += &match read {
                    Ok(batch) => show::event(name, rule, &tracer.trace(&batch, 0), &batch),
                    Err(error) => show::no_event(name, error),
                };
            }
        }
        Ok(match self.format {
            Format::Text => Explained { text, unreadable },
            Format::Json => Explained::json(&json::of_rule(rule, &values), unreadable),
        })
    }

    fn correlation(
        &self,
        program: &Arc<Program>,
        reading: &Reading,
        index: CorrelationIndex,
    ) -> Result<Explained, ExitCode> {
        let sequence = Sequence::new(program, reading, index, now_ms());
        let mut sequence = sequence.map_err(|message| exit::failed(exit::BAD_INPUT, message))?;
        let events = self.events(|bytes| sequence.reads(bytes))?;
        let files = events.iter().any(|event| event.file != events[0].file);
        let label = |event: &Source| match event.line {
            Some(line) if !files && self.format == Format::Text => format!("line {line}"),
            _ => event.name(),
        };
        let labels = events.iter().map(label).collect();
        let windows = Windows::new(program, index, labels);
        let (mut lines, mut values, mut unreadable) = (windows.head(), Vec::new(), false);
        for (event, read) in self.read(&events, &mut sequence) {
            lines.push(String::new());
            let name = &event.name();
            match read.map(|read| sequence.tell(read)) {
                Ok(met) => {
                    lines.extend(windows.event(name, &met));
                    values.push(json::met(&windows, name, &met));
                }
                Err(error) => {
                    unreadable = true;
                    lines.push(show::no_event(name, error).trim().to_owned());
                    values.push(json::no_event(name, error));
                }
            }
        }
        if self.format == Format::Json {
            let value = json::of_correlation(&windows, &values, sequence.standings());
            return Ok(Explained::json(&value, unreadable));
        }
        lines.extend([String::new(), "in the end".to_owned()]);
        lines.extend(windows.end(sequence.standings()));
        Ok(Explained { text: lines.join("\n") + "\n", unreadable })
    }

    /// What is in the events, in the order in which a correlation is told of them; where that is theirs, what is no event comes first.
    fn read<'e>(
        &self,
        events: &'e [Source],
        sequence: &mut Sequence<'_>,
    ) -> Vec<(&'e Source, Result<Read, DecodeError>)> {
        let read = events.iter().zip(1..);
        let mut read: Vec<_> =
            read.map(|(event, offset)| (event, sequence.read(&event.bytes, offset, None))).collect();
        if self.order == Order::Time {
            read.sort_by_key(|(_, read)| read.as_ref().ok().map(|read| read.time));
        }
        read
    }

    /// What is meant.
    fn pick<'p>(&self, program: &'p Program) -> Result<Subject<'p>, String> {
        let (rules, set) = (program.rules().rules(), program.correlations());
        let Some(asked) = &self.rule else {
            let all = rules.len() + set.iter().count();
            return match rules {
                [only] if all == 1 => Ok(Subject::Rule(only)),
                _ => Err(format!("say which of the {} is meant: --rule NAME", rules::count(all, "rule"))),
            };
        };
        let rule = rules.iter().find(|rule| rule.name == *asked || rule.id == *asked).map(Subject::Rule);
        let named = |own: &Correlation| own.name == *asked || own.id == *asked;
        let correlation = || set.iter().find(|(_, compiled)| named(&compiled.correlation));
        rule.or_else(|| correlation().map(|(index, _)| Subject::Correlation(index)))
            .ok_or_else(|| rules::unknown_rule(asked, program.heads().map(|head| &*head.name)))
    }

    /// The events, given what tells whether bytes are one.
    fn events(&self, reads: impl Fn(&[u8]) -> bool) -> Result<Vec<Source>, ExitCode> {
        self.sources(reads).map_err(|message| exit::failed(exit::BAD_INPUT, message))
    }

    fn sources(&self, reads: impl Fn(&[u8]) -> bool) -> Result<Vec<Source>, String> {
        if let Some(text) = &self.text {
            return Ok(vec![Source::new("the text", text.clone().into_bytes())]);
        }
        let paths: Vec<_> = self.event.iter().cloned().collect();
        let inputs = file::find(&paths, Content::Json).map_err(|error| error.to_string())?;
        let mut events = Vec::new();
        for input in &inputs {
            let bytes = read(input).map_err(|error| format!("{}: {error}", input.name()))?;
            events.extend(split(&reads, &input.name(), bytes));
        }
        if events.is_empty() { Err("there is no event to explain".to_owned()) } else { Ok(events) }
    }
}

/// What is explained.
enum Subject<'p> {
    Rule(&'p Rule),
    Correlation(CorrelationIndex),
}

/// The whole of a file with events to be looked at one by one.
fn read(input: &Input) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = file::MAX_LINE_BYTES;
    file::open(input, &Arc::default())?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        let message = format!("more than {} MiB, which nobody reads; give the line in question", most >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// An event, and where it stands.
struct Source {
    file: String,
    /// None of the whole file.
    line: Option<u32>,
    bytes: Vec<u8>,
}

impl Source {
    fn new(file: &str, bytes: Vec<u8>) -> Source {
        Source { file: file.to_owned(), line: None, bytes }
    }

    /// What it is called.
    fn name(&self) -> String {
        self.line.map_or_else(|| self.file.clone(), |line| format!("{}, line {line}", self.file))
    }
}

/// The events of a file: the whole of it if that is one, however many lines it has; else one a line.
fn split(reads: &impl Fn(&[u8]) -> bool, name: &str, bytes: Vec<u8>) -> Vec<Source> {
    if reads(&bytes) {
        return vec![Source::new(name, bytes)];
    }
    let lines = bytes.split(|byte| *byte == b'\n').zip(1..);
    let filled = lines.filter(|(line, _)| !line.trim_ascii().is_empty());
    let source = |(line, number): (&[u8], u32)| Source {
        file: name.to_owned(),
        line: Some(number),
        bytes: line.to_vec(),
    };
    filled.map(source).collect()
}
