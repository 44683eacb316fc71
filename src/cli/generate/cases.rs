//! `wardline generate cases`: a labelled trace, as two files, or its events on a topic.
#![expect(clippy::disallowed_methods, reason = "the shell opens the files")]

use super::{CHUNK, Share, open};
use crate::cli::exit;
use crate::generate::cases::{Cases, Given, Language, Length, Made, Settings, Style, Styles};
use clap::Args;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

/// Makes labelled cases: conversations and sessions, most of them harmless and some risky, and what each really was.
///
/// The events are what a platform would send; nothing in them tells a risky case from a harmless one but what happens. The
/// truth, in a file of its own, says of each case whether it is risky, when the risk began and when harm would have been done,
/// and of each event that shows an indicator, or only looks like it, which: `wardline backtest` reads both. All texts are
/// invented and mild. The same options give the same bytes.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Real harmless text to mix in: events as JSON Lines, whose `text`, `sender.id` and `room.id` are read, or plain text, a
    /// message a line. Events of one room in a row, or lines up to an empty one and at most 40, become one harmless case,
    /// used once.
    #[arg(long, value_name = "FILE")]
    benign_from: Option<PathBuf>,
    /// Share of the harmless cases that are taken from --benign-from, as long as it has some.
    #[arg(long, value_name = "SHARE", default_value = "50%", requires = "benign_from")]
    benign_share: Share,
    /// Number of cases; a case has about 55 events.
    #[arg(long, value_name = "N", default_value_t = 1_000, conflicts_with = "events")]
    cases: u64,
    /// Days over which the cases begin; by default as many as 5,000 cases a day take, at least one. Some go on for days.
    #[arg(long, value_name = "DAYS")]
    days: Option<f64>,
    /// Number of events, at least: the cases that have begun by then are told to their ends.
    #[arg(long, value_name = "N")]
    events: Option<u64>,
    /// Languages, with commas between: en, tl (Tagalog), ceb (Cebuano), taglish and bislish (either mixed with English). A case
    /// is in one of them; what is named twice comes twice as often.
    #[arg(
        long,
        value_name = "LANGUAGES",
        value_delimiter = ',',
        default_value = "en,tl,ceb,taglish,bislish"
    )]
    languages: Vec<Language>,
    /// Share of the messages of harmless cases that look like an indicator: babysitters ask who is at home, clans move to another
    /// app. Some kinds of cases have half as many and some twice. Nobody knows how many there are in life; in one large set of
    /// ordinary conversations the rules that come with Wardline find a sign in one message of 230.
    #[arg(long, value_name = "SHARE", default_value = "1%")]
    look_alikes: Share,
    /// Where to write the events; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Share of the cases that are risky.
    #[arg(long, value_name = "SHARE", default_value = "0.5%")]
    risky: Share,
    /// Seed: the same seed and options give the same trace.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Time at which the trace begins (RFC 3339).
    #[arg(long, value_name = "TIME", default_value = "2026-01-01T00:00:00Z")]
    start: jiff::Timestamp,
    /// How the words that tell are written in risky cases, and some words in a few harmless ones: plain; leet, spaced, homoglyph,
    /// styled, marks, stretched, typo, split (over several messages), separators or mixed (each word another way) in all of
    /// them; obfuscated: in each case one of these; half: half of the risky cases plain, half obfuscated.
    #[arg(long, value_name = "STYLE", default_value = "half", value_parser = styles)]
    style: Styles,
    #[cfg(feature = "kafka")]
    #[command(flatten)]
    stream: super::stream::Destination,
    /// Where to write the truth; without it there is none.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
}

fn styles(text: &str) -> Result<Styles, String> {
    match text {
        "plain" => Ok(Styles::Plain),
        "obfuscated" => Ok(Styles::Any),
        "half" => Ok(Styles::Half),
        _ => Style::from_str(text).map(Styles::One).map_err(|_| {
            let names: Vec<_> = Style::ALL.iter().map(|style| style.name()).collect();
            format!("expected plain, obfuscated, half, {}", names.join(", "))
        }),
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    if let (Some("-"), Some("-")) =
        (arguments.out.to_str(), arguments.truth.as_deref().and_then(Path::to_str))
    {
        return exit::failed(
            exit::BAD_CONFIGURATION,
            "the events and the truth cannot both go to standard output",
        );
    }
    let given = match arguments.benign_from.as_deref().map(read).transpose() {
        Ok(given) => given.unwrap_or_default(),
        Err(error) => return exit::failed(exit::BAD_INPUT, error),
    };
    let cases = match Cases::new(&arguments.settings(), given) {
        Ok(cases) => cases,
        Err(error) => return exit::failed(exit::BAD_CONFIGURATION, error),
    };
    #[cfg(feature = "kafka")]
    match arguments.stream.connect() {
        Ok(None) => {}
        Ok(Some(stream)) => {
            return exit::written(arguments.send(cases, stream), "the trace", exit::CLEAN);
        }
        Err(code) => return code,
    }
    exit::written(arguments.write(cases), "the trace", exit::CLEAN)
}

/// The conversations of a file. What is wrong with it names no line of it.
fn read(path: &Path) -> io::Result<Given> {
    let told = |error: io::Error| exit::at(path, &error);
    let mut lines = BufReader::with_capacity(CHUNK, File::open(path).map_err(told)?);
    let (mut given, mut line) = (Given::default(), Vec::new());
    while lines.read_until(b'\n', &mut line).map_err(told)? > 0 {
        given.line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    if given.is_empty() {
        return Err(told(io::Error::new(ErrorKind::InvalidData, "there is no message in it")));
    }
    Ok(given)
}

impl Arguments {
    fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            length: self.events.map_or(Length::Cases(self.cases), Length::Events),
            risky: self.risky.0,
            styles: self.style,
            languages: self.languages.clone(),
            start_ms: self.start.as_millisecond(),
            days: self.days,
            given: self.benign_share.0,
            look_alikes: self.look_alikes.0,
        }
    }

    #[cfg(feature = "kafka")]
    fn send(&self, cases: Cases, mut stream: super::stream::Stream) -> io::Result<()> {
        self.pour(cases, |made, event| stream.send(made.key, event))?;
        stream.finish()
    }

    fn write(&self, cases: Cases) -> io::Result<()> {
        let mut events = buffered(&self.out)?;
        self.pour(cases, |_, event| {
            events.write_all(event)?;
            events.write_all(b"\n")
        })?;
        events.flush()
    }

    /// Hands on one event after the other, and writes the truth.
    fn pour(&self, mut cases: Cases, mut take: impl FnMut(Made, &[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut truth = self.truth.as_deref().map(buffered).transpose()?;
        let (mut event, mut labels) = (Vec::new(), Vec::new());
        while let Some(made) = cases.next_into(&mut event, &mut labels) {
            take(made, &event)?;
            if let Some(truth) = &mut truth {
                truth.write_all(&labels)?;
            }
            event.clear();
            labels.clear();
        }
        truth.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// The output at a path, which tells where it fails to be opened.
fn buffered(path: &Path) -> io::Result<BufWriter<Box<dyn Write>>> {
    let out = open(path).map_err(|error| exit::at(path, &error))?;
    Ok(BufWriter::with_capacity(CHUNK, out))
}
