//! `wardline sample`: what a platform's own messages say, as a table of counts for `wardline check --sample`.
//!
//! Called a sample because that is what `check` judges rules by, and what [`crate::text::ordinary`] calls it; `count` would not say
//! what for. Events are read as `scan` reads them, on one thread: counting shares one table. What is counted and what is
//! written is decided in [`Counter`]; no message leaves it.
#![expect(clippy::disallowed_methods, reason = "the shell writes the table")]

use super::input::PresetName;
use super::pipeline::{BadLine, lines};
use super::{exit, rules};
use crate::event::{Batch, Decoder, FieldId, FieldSet, FieldType, Preset};
use crate::file::{self, BLOCK_BYTES, Block, Blocks, Content, Input, MAX_LINE_BYTES};
use crate::text::ordinary::{Counter, Least};
use clap::{Args, value_parser};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Memory for counting, in bytes.
const MOST_BYTES: usize = 384 << 20;

/// Counts what your own chat messages say, in words and runs of two to five of them: a table by which `wardline check
/// --sample` judges rules in place of the one that ships.
///
/// A line is a text in small letters, how many messages hold it, begin with it and end with it. No message is kept, and
/// nothing that could tell who spoke: a text is written only if enough messages of enough senders in enough rooms say
/// it, and no row of more than six digits, no address and no link. A name that many repeat is in it: keep the table as you
/// keep messages. A message without `sender.id` counts for no sender, one without `room.id` or a
/// `recipient.id` for no room. Runs of several words are written from one message of 20,000 on. Memory is bounded, to about half a
/// gigabyte: of very many messages counts may be a little too small, never too great, and by how much is said in the end.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Configuration of the service: how it reads events. What other options say wins.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Leave out what fewer messages say.
    #[arg(long, value_name = "MESSAGES", default_value_t = 25, value_parser = value_parser!(u32).range(5..))]
    least: u32,
    /// Where to write the table; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Shape of the events; by default the configuration's, or canonical.
    #[arg(long, value_enum)]
    preset: Option<PresetName>,
    /// Leave out what is said in fewer rooms, or between fewer pairs of people where messages name no room.
    #[arg(long, value_name = "ROOMS", default_value_t = 8, value_parser = value_parser!(u32).range(1..=32))]
    rooms: u32,
    /// Leave out what fewer people say.
    #[arg(long, value_name = "SENDERS", default_value_t = 8, value_parser = value_parser!(u32).range(2..=32))]
    senders: u32,
    /// Files, directories or `-` for standard input; JSON Lines, plain or compressed by gzip or zstd.
    #[arg(value_name = "PATH", default_value = "-")]
    paths: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let counted = match arguments.count() {
        Ok(counted) => counted,
        Err(code) => return code,
    };
    let least = arguments.least();
    anstream::eprintln!("{}", counted.summary(least));
    let Some(table) = counted.counter.table(least) else {
        return exit::failed(exit::BAD_INPUT, counted.nothing(least));
    };
    exit::written(write(&arguments.out, &table), "the table", exit::CLEAN)
}

fn write(path: &Path, table: &str) -> io::Result<()> {
    if path.as_os_str() == "-" {
        let mut out = io::stdout().lock();
        out.write_all(table.as_bytes())?;
        return out.flush();
    }
    fs::write(path, table).map_err(|error| exit::at(path, &error))
}

impl Arguments {
    fn least(&self) -> Least {
        Least { messages: self.least, senders: self.senders, rooms: self.rooms }
    }

    fn count(&self) -> Result<Counted, ExitCode> {
        let config = rules::configuration(self.config.as_deref())?;
        let reading = rules::reading_as(config.as_ref(), false, self.preset.map(Preset::from))?;
        let bad_input = |error: &dyn std::fmt::Display| exit::failed(exit::BAD_INPUT, error);
        let inputs = file::find(&self.paths, Content::Json).map_err(|error| bad_input(&error))?;
        let fields = Fields::new();
        let decoder = Decoder::new(&fields.set, &reading.mapping, reading.pseudonyms.as_ref());
        let mut counted = Counted::new();
        for input in &inputs {
            let read = counted.read(input, &decoder, &fields);
            read.map_err(|error| bad_input(&format_args!("{}: {error}", input.name())))?;
        }
        Ok(counted)
    }
}

/// The fields that are read: who says it and where.
struct Fields {
    set: FieldSet,
    sender: Option<FieldId>,
    /// The first that an event has is its room.
    rooms: [Option<FieldId>; 2],
}

impl Fields {
    fn new() -> Fields {
        let mut set = FieldSet::default();
        let mut intern = |path| set.intern(path, FieldType::Keyword);
        let (sender, rooms) = (intern("sender.id"), ["room.id", "pair.id"].map(intern));
        Fields { set, sender, rooms }
    }
}

/// What was counted, and of what.
struct Counted {
    counter: Counter,
    events: u64,
    bad_lines: u64,
    first_bad: Option<String>,
    /// Messages that name no sender, and no room.
    nameless: u64,
    placeless: u64,
}

impl Counted {
    fn new() -> Counted {
        let counter = Counter::new(MOST_BYTES);
        Counted { counter, events: 0, bad_lines: 0, first_bad: None, nameless: 0, placeless: 0 }
    }

    fn read(&mut self, input: &Input, decoder: &Decoder, fields: &Fields) -> io::Result<()> {
        let opened = file::open(input, &Arc::default())?;
        let mut blocks = Blocks::new(opened, BLOCK_BYTES, MAX_LINE_BYTES, false);
        let (mut bytes, mut batch) = (Vec::new(), Batch::default());
        while let Some(block) = blocks.next(&mut bytes)? {
            let mut bad = Vec::new();
            match block {
                Block::TooLong(line) => bad.push(BadLine::too_long(line)),
                Block::Lines(first) => {
                    batch.clear();
                    for (line, payload) in lines(&bytes, first, &mut bad) {
                        if let Err(error) = decoder.decode(0, payload, &mut batch) {
                            bad.push(BadLine::new(line, error.to_string()));
                        }
                    }
                    self.add(&batch, fields);
                }
            }
            self.note(input, &bad);
        }
        Ok(())
    }

    fn note(&mut self, input: &Input, bad: &[BadLine]) {
        self.bad_lines += bad.len() as u64;
        if let (None, Some(first)) = (&self.first_bad, bad.iter().min_by_key(|bad| bad.line)) {
            self.first_bad = Some(format!("{}: {}", first.place(&input.name()), first.message));
        }
    }

    fn add(&mut self, batch: &Batch, fields: &Fields) {
        self.events += batch.len() as u64;
        for row in 0..batch.len() {
            let first = |field| batch.values(row, field).find_map(|(_, value)| value.text());
            let (Some("chat.message"), Some(text)) = (first(FieldId::TYPE), first(FieldId::TEXT)) else {
                continue;
            };
            let sender = fields.sender.and_then(first);
            let room = fields.rooms.into_iter().flatten().find_map(first);
            self.nameless += u64::from(sender.is_none());
            self.placeless += u64::from(room.is_none());
            self.counter.add(text, sender, room);
        }
    }

    /// What is said in the end.
    fn summary(&self, least: Least) -> String {
        let messages = self.counter.messages();
        let mut lines = vec![format!("{messages} chat messages counted, of {} events", self.events)];
        if let Some(first) = &self.first_bad {
            lines.push(format!("{} lines could not be read as events, the first {first}", self.bad_lines));
        }
        lines.push(match self.counter.short_by() {
            0 => "counts are exact".to_owned(),
            short => format!(
                "counts may be too small by up to {short}; words that fewer than {} messages say, and runs of words that fewer than {} say, may be missing",
                least.messages.saturating_add(short),
                self.counter.least_of_runs(least).saturating_add(short),
            ),
        });
        lines.join("\n")
    }

    /// Why there is no table, and what to do.
    fn nothing(&self, least: Least) -> String {
        let Least { messages, senders, rooms } = least;
        let mut why = format!(
            "no table: no text is said in {messages} messages by {senders} senders in {rooms} rooms or pairs"
        );
        let of = self.counter.messages();
        for (missing, field) in [(self.nameless, "sender.id"), (self.placeless, "room.id")] {
            if missing > 0 {
                why = format!("{why}; {missing} of {of} messages name no `{field}`");
            }
        }
        why + "; give more messages, or say with `--preset` or `--config` where your events keep these fields"
    }
}
