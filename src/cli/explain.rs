//! `wardline explain`: why a rule fires on an event or does not, or what a diagnostic code means.
//!
//! The rule is read, compiled and evaluated as the service does it ([`crate::engine::trace`]); here are the
//! arguments, where events come from, and which rule is meant.

pub(super) mod show;

use super::reader::Reader;
use super::scan::PresetName;
use super::{exit, rules};
use crate::clock::now_ms;
use crate::config;
use crate::engine::trace::Tracer;
use crate::event::Preset;
use crate::file::{self, Content, Input};
use crate::library::Library;
use crate::rule::Code;
use crate::rule::codes::Example;
use crate::rule::model::Rule;
use crate::ruleset::Limits;
use clap::{ArgGroup, Args};
use std::io::{self, ErrorKind, Read as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Explains why a rule fires on an event or does not, or what a diagnostic code means.
///
/// Of each part of the rule's condition it says whether it holds and what was found; of a phrase that was not found,
/// how near the text came; and how each text was read.
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
    /// File with an event, or one a line, in the order in which they came; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Directory of lists (`name.txt`), which replace those in `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// Shape of the events; by default the configuration's, or canonical.
    #[arg(long, value_enum, conflicts_with = "text")]
    preset: Option<PresetName>,
    /// Name or id of the rule; not needed if there is but one.
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// Rule file, or directory of rule files, instead of the configured ones. May be repeated.
    #[arg(long, short, value_name = "PATH", required_unless_present_any = ["config", "code", "codes"])]
    rules: Vec<PathBuf>,
    /// Text of a message, instead of an event.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let explained = match &arguments.code {
        Some(code) => meaning(code),
        None if arguments.codes => Ok(codes()),
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

/// What a diagnostic code means, with an example of what is wrong and how it is right.
fn meaning(asked: &str) -> Result<Explained, ExitCode> {
    let Some(code) = Code::find(asked) else {
        let near = config::nearest(asked, Code::ALL.iter().map(|code| code.name()));
        let near = near.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default();
        let message =
            format_args!("{asked:?} is no diagnostic code{near}; `wardline explain --codes` lists all");
        return Err(exit::failed(exit::BAD_CONFIGURATION, message));
    };
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
fn codes() -> Explained {
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
        let library = rules::load(paths, lists, &reading, &Limits::default())?;
        let rule = self.pick(&library).map_err(|message| exit::failed(exit::BAD_CONFIGURATION, message))?;
        let tracer = Tracer::new(rule, &Limits::default()).map_err(|errors| {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            exit::failed(exit::BAD_INPUT, format_args!("rule {}: {}", rule.name, errors.join("; ")))
        })?;
        // Events of a file are taken to have come one after another.
        let mut reader = Reader::new(&tracer, &reading, now_ms());
        let events = self.events(&reader).map_err(|message| exit::failed(exit::BAD_INPUT, message))?;
        let mut explained = Explained { text: show::rule(rule), unreadable: false };
        for (event, offset) in events.iter().zip(1..) {
            let read = reader.next(&event.bytes, offset);
            explained.unreadable |= read.is_err();
            explained.text += &match read {
                Ok(batch) => show::event(&event.name, rule, &tracer.trace(&batch, 0), &batch),
                Err(error) => show::no_event(&event.name, error),
            };
        }
        Ok(explained)
    }

    /// The rule that is meant.
    fn pick<'l>(&self, library: &'l Library) -> Result<&'l Rule, String> {
        let all = library.program.rules().rules();
        let Some(asked) = &self.rule else {
            return match all {
                [only] => Ok(only),
                _ => {
                    Err(format!("say which of the {} is meant: --rule NAME", rules::count(all.len(), "rule")))
                }
            };
        };
        all.iter()
            .find(|rule| rule.name == *asked || rule.id == *asked)
            .ok_or_else(|| rules::unknown_rule(asked, all))
    }

    fn events(&self, reader: &Reader) -> Result<Vec<Source>, String> {
        if let Some(text) = &self.text {
            return Ok(vec![Source { name: "the text".to_owned(), bytes: text.clone().into_bytes() }]);
        }
        let paths: Vec<_> = self.event.iter().cloned().collect();
        let inputs = file::find(&paths, Content::Json).map_err(|error| error.to_string())?;
        let mut events = Vec::new();
        for input in &inputs {
            let bytes = read(input).map_err(|error| format!("{}: {error}", input.name()))?;
            events.extend(split(reader, &input.name(), bytes));
        }
        if events.is_empty() { Err("there is no event to explain".to_owned()) } else { Ok(events) }
    }
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

/// An event, and what it is called.
struct Source {
    name: String,
    bytes: Vec<u8>,
}

/// The events of a file: the whole of it if that is one, however many lines it has; else one a line.
fn split(reader: &Reader, name: &str, bytes: Vec<u8>) -> Vec<Source> {
    if reader.read(&bytes).is_ok() {
        return vec![Source { name: name.to_owned(), bytes }];
    }
    let lines = bytes.split(|byte| *byte == b'\n').zip(1..);
    let filled = lines.filter(|(line, _)| !line.trim_ascii().is_empty());
    let sources =
        filled.map(|(line, number)| Source { name: format!("{name}, line {number}"), bytes: line.to_vec() });
    sources.collect()
}
