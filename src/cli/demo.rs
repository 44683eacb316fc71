//! `wardline demo`: the service over a broker inside the process, played a story of labelled cases, shown as it goes.
//!
//! ```text
//!  trace ──feed──► embedded broker ──► worker: the one that `run` runs ──► embedded broker ──► viewer
//!                                         │ observer                                             │
//!                                         └──────────────► board ◄───────────────────────────────┘
//!                                                            └──► screen, or lines; summary
//! ```
//!
//! Nothing is imitated: decoder, engine, stage and loop are the service's own, and what is shown is what was
//! read back from the output topics. What the embedded broker cannot show is exactly-once; the banner says so.
//! Labels are kept from the workers: they are for what is shown beside the flags, and for the summary, which
//! `backtest` reckons.
#![expect(clippy::disallowed_methods, reason = "paces what it plays, and measures it")]

mod board;
mod cases;
mod feed;
mod known;
mod lines;
mod paint;
mod reckon;
mod screen;
mod shown;
mod stand;
mod story;
mod summary;
mod words;

use super::backtest::{judge, read_truth};
use super::rules::count;
use super::{exit, render};
use crate::kafka::embedded::Embedded;
use crate::kafka::viewer::Viewer;
use crate::library::{self, Library, Sources, bundled};
use crate::rule::model::Level;
use crate::ruleset::Limits;
use crate::truth::Truth;
use crate::worker::Failure;
use crate::worker::Role;
use crate::worker::stage::{Program, Reading};
use clap::Args;
use feed::Trace;
use lines::Lines;
use paint::Paint;
use screen::Screen;
use stand::{Stand, TOPICS};
use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Pause between two looks at the board.
const TICK: Duration = Duration::from_millis(100);
/// A flag of this level or a graver one catches a case.
const CAUGHT: Level = Level::High;
/// How long to wait, at the end, for what is still under way.
const PATIENCE: Duration = Duration::from_secs(15);

/// Shows Wardline at work, without a Kafka: plays a story of made-up cases through a broker inside this process.
///
/// The story is of several days, in English, Tagalog and Cebuano: a few hundred conversations and sessions, most of them harmless, and
/// a few in which a child is in danger. It takes about a minute. At its end stands what was found of it, how early, and what
/// was flagged wrongly.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How long to play at most, such as 20s or 2m. What is played ends by itself; of a story that was not told to its end,
    /// the summary counts the cases that were.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,
    /// Events a second.
    #[arg(long, value_name = "EVENTS_PER_S", default_value = "200", value_parser = rate)]
    rate: f64,
    /// Rule file, or directory of rule files, in place of the bundled rules.
    #[arg(long, value_name = "PATH")]
    rules: Option<PathBuf>,
    /// Events to play in place of the story: Wardline's own (canonical) ones, one JSON object a line, also
    /// compressed by gzip or zstd. Other shapes are read by `scan` and `run`.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Labels of --trace, as `wardline generate cases` writes them (`wardline schema truth`): the summary then tells what became
    /// of the cases.
    #[arg(long, value_name = "FILE", requires = "trace")]
    truth: Option<PathBuf>,
}

/// Why the demo ended before its end.
struct Fault {
    code: u8,
    message: String,
}

impl Fault {
    fn input(message: &dyn fmt::Display) -> Fault {
        Fault { code: exit::BAD_INPUT, message: message.to_string() }
    }

    fn runtime(message: &dyn fmt::Display) -> Fault {
        Fault { code: exit::RUNTIME_FAILURE, message: message.to_string() }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        Fault::runtime(&failure)
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let truth = match arguments.truth.as_ref().map(|path| read_truth(std::slice::from_ref(path))).transpose()
    {
        Ok(truth) => truth,
        Err(code) => return code,
    };
    match play(arguments, truth) {
        Ok(()) => ExitCode::from(exit::CLEAN),
        Err(fault) => exit::failed(fault.code, fault.message),
    }
}

fn play(arguments: &Arguments, truth: Option<Arc<Truth>>) -> Result<(), Fault> {
    let program = program(arguments)?;
    let (trace, truth) = trace(arguments, truth)?;
    let broker = Embedded::start(TOPICS)?;
    let banner = Banner {
        brokers: broker.brokers().to_owned(),
        rules: program.heads().count(),
        trace: arguments.trace.as_ref().map(|path| path.display().to_string()),
    };
    let viewer = Viewer::open(broker.brokers(), stand::OUTPUT_TOPICS)?;
    let stand = Arc::new(Stand::new(truth).map_err(|error| Fault::runtime(&error))?);
    let shown = thread::scope(|scope| {
        for role in [Role::Match, Role::Correlate] {
            let (stand, program, broker) = (&stand, Arc::clone(&program), &broker);
            scope.spawn(move || stand.guard(|| stand::work(stand, role, program, broker)));
        }
        scope.spawn(|| stand.guard(|| stand.view(&viewer)));
        scope.spawn(|| stand.guard(|| stand.feed(&broker, trace, arguments.rate, arguments.time)));
        let shown = show(&stand, &banner);
        stand.end();
        shown
    });
    stand.outcome()?;
    match shown.and_then(|()| conclude(&stand, &program, &banner)) {
        // Nobody reads on.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| Fault::runtime(&format_args!("the display: {error}"))),
    }
}

/// The rules to run, checked; what is wrong with them goes to standard error.
fn program(arguments: &Arguments) -> Result<Arc<Program>, Fault> {
    let sources = match &arguments.rules {
        None => bundled::sources(),
        Some(path) => {
            library::read(std::slice::from_ref(path), None).map_err(|error| Fault::input(&error))?
        }
    };
    match library::compile(&sources, &Reading::default(), &Limits::default()) {
        Ok(Library { program, warnings, .. }) => {
            tell(&sources, &warnings);
            Ok(Arc::new(program))
        }
        Err(diagnostics) => {
            tell(&sources, &diagnostics);
            let (errors, _) = render::counts(&diagnostics);
            Err(Fault::input(&format_args!(
                "the rules have {}; `wardline check` shows them again",
                count(errors, "error")
            )))
        }
    }
}

fn tell(sources: &Sources, diagnostics: &[crate::rule::Diagnostic]) {
    if !diagnostics.is_empty() {
        let styled = console::colors_enabled_stderr();
        anstream::eprintln!("{}", render::text(&sources.map, diagnostics, styled));
    }
}

/// What to play, and its truth where there is one.
fn trace(arguments: &Arguments, truth: Option<Arc<Truth>>) -> Result<(Trace, Option<Arc<Truth>>), Fault> {
    if let Some(path) = &arguments.trace {
        let failed = |error| Fault::input(&format_args!("{}: {error}", path.display()));
        return Ok((Trace::file(path).map_err(failed)?, truth));
    }
    let (items, truth) = story::story().map_err(|error| Fault::runtime(&error))?;
    Ok((Trace::Items(items.into_iter()), Some(Arc::new(truth))))
}

/// What stands at the top.
struct Banner {
    brokers: String,
    rules: usize,
    /// The file that is played, if it is not the story.
    trace: Option<String>,
}

impl Banner {
    /// What this is, in words; `brief` where there is little room. Narrow enough for any terminal.
    fn lines(&self, paint: Paint, brief: bool) -> Vec<String> {
        let Banner { brokers, rules, trace } = self;
        let notice = " for trying out: a broker in memory, delivery at-least-once ";
        let played = match trace {
            None => "a made-up story of several days in about a minute".to_owned(),
            Some(trace) => format!("events of {trace}"),
        };
        let technical = format!("{}; {played}; Ctrl-C ends", count(*rules, "rule"));
        let mut lines = vec![
            format!("{}  {}", paint.bold("wardline demo"), paint.warning(notice)),
            "Reads a platform's chat and livestream records, finds signs that children are".to_owned(),
            "in danger, and flags them for its moderators, early enough to step in.".to_owned(),
        ];
        if brief {
            lines.push(paint.dim(&technical));
            return lines;
        }
        let further = [
            "",
            "One message proves little, and most talk that sounds alike is harmless: tutors are",
            "paid for private calls, friends keep secrets. So rules find weak signs, also where",
            "words are disguised, and correlations join those of the same people over days.",
            "A flag is a lead for a moderator. It proves nothing, and acts against nobody.",
            "",
        ];
        lines.extend(further.map(str::to_owned));
        lines.push(paint.dim(&technical));
        lines.push(paint.dim(&format!("chat.events ─► match ─► correlate ─► review.flags, on {brokers}")));
        lines
    }
}

/// Shows the board until everything is done or somebody wants to stop.
fn show(stand: &Stand, banner: &Banner) -> io::Result<()> {
    let mut display = if io::stdout().is_terminal() {
        Display::Live(Screen::open()?)
    } else {
        Display::Lines(Lines::default())
    };
    display.begin(banner)?;
    let mut waiting_since = None;
    loop {
        display.update(stand, banner)?;
        let mut patience = || *waiting_since.get_or_insert_with(Instant::now);
        if stand.failed() || (stand.fed() && (stand.board().settled() || patience().elapsed() > PATIENCE)) {
            return display.update(stand, banner);
        }
        thread::sleep(TICK);
    }
}

/// How the board is shown.
enum Display {
    /// On a terminal: a block that is written anew.
    Live(Screen),
    /// Elsewhere: what is new, and the figures from time to time.
    Lines(Lines),
}

impl Display {
    fn begin(&self, banner: &Banner) -> io::Result<()> {
        match self {
            Display::Live(_) => Ok(()),
            Display::Lines(_) => print(&(banner.lines(Paint { colour: false }, false).join("\n") + "\n\n")),
        }
    }

    fn update(&mut self, stand: &Stand, banner: &Banner) -> io::Result<()> {
        let time = stand.time();
        match self {
            Display::Live(screen) => screen.draw(banner, &stand.board(), time),
            Display::Lines(lines) => {
                let text = lines.news(&stand.board(), time);
                print(&text)
            }
        }
    }
}

/// The summary.
fn conclude(stand: &Stand, program: &Program, banner: &Banner) -> io::Result<()> {
    let paint = Paint { colour: io::stdout().is_terminal() && console::colors_enabled() };
    let board = stand.board();
    let reckoned = reckon::reckon(judge::rules(program), &board, stand.played_out());
    let text = summary::text(paint, &board, reckoned.as_ref(), stand.played());
    let again = match banner.trace {
        None => format!("\nThe same cases as files, and all figures:\n  {}\n", story::COMMANDS.join("\n  ")),
        Some(_) => String::new(),
    };
    print(&format!("\n{text}{again}"))
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn duration(text: &str) -> Result<Duration, String> {
    let hint = "expected a time such as `20s`, `2m` or `1h`";
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let read =
        |(unit, seconds): (&str, f64)| Some(text.strip_suffix(unit)?.trim().parse::<f64>().ok()? * seconds);
    let seconds = units.into_iter().find_map(read).ok_or(hint)?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err(hint.to_owned()),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected a number above 0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        let cases = [("20s", 20_000), ("1.5s", 1_500), ("2m", 120_000), ("500ms", 500), ("1h", 3_600_000)];
        for (text, milliseconds) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "20", "s", "-1s", "0s", "xs", "1e400s", "NaNs"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_are_above_zero() {
        assert_eq!(rate("0.5"), Ok(0.5));
        for text in ["0", "-1", "x", "inf", "NaN"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
