//! `wardline demo`: the service over a broker inside the process, played a trace, shown as it goes.
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
#![expect(clippy::disallowed_methods, reason = "paces what it plays, and measures it")]

mod board;
mod feed;
mod paint;
mod screen;
mod shown;
mod stand;
mod summary;

use super::rules::count;
use super::{exit, render};
use crate::kafka::embedded::Embedded;
use crate::kafka::viewer::Viewer;
use crate::library::{self, Library, Sources, bundled};
use crate::ruleset::Limits;
use crate::worker::Failure;
use crate::worker::Role;
use crate::worker::stage::{Program, Reading};
use clap::Args;
use feed::Trace;
use paint::{Paint, figures};
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
/// Time between two lines of figures where there is no live display.
const FIGURES_EVERY: Duration = Duration::from_secs(5);
/// Flags told between two looks, where there is no live display.
const TOLD_AT_ONCE: u64 = 8;
/// How long to wait, at the end, for what is still under way.
const PATIENCE: Duration = Duration::from_secs(15);

/// Shows Wardline at work, without a Kafka: plays a trace through a broker inside this process.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How long to play, such as 20s or 2m; the bundled trace then goes on as long as that.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,
    /// Events a second.
    #[arg(long, value_name = "EVENTS_PER_S", default_value = "200", value_parser = rate)]
    rate: f64,
    /// Rule file, or directory of rule files, in place of the bundled rules.
    #[arg(long, value_name = "PATH")]
    rules: Option<PathBuf>,
    /// Events to play in place of the bundled trace: Wardline's own (canonical) ones, one JSON object a line, also
    /// compressed by gzip or zstd. Other shapes are read by `scan` and `run`.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
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
    match play(arguments) {
        Ok(()) => ExitCode::from(exit::CLEAN),
        Err(fault) => exit::failed(fault.code, fault.message),
    }
}

fn play(arguments: &Arguments) -> Result<(), Fault> {
    let program = program(arguments)?;
    let trace = trace(arguments)?;
    let broker = Embedded::start(TOPICS)?;
    let banner = Banner {
        brokers: broker.brokers().to_owned(),
        rules: program.heads().count(),
        trace: arguments.trace.as_ref().map_or("bundled".to_owned(), |path| path.display().to_string()),
    };
    let viewer = Viewer::open(broker.brokers(), stand::OUTPUT_TOPICS)?;
    let stand = Arc::new(Stand::new().map_err(|error| Fault::runtime(&error))?);
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
    match shown.and_then(|()| conclude(&stand)) {
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

fn trace(arguments: &Arguments) -> Result<Trace, Fault> {
    match &arguments.trace {
        None => Trace::bundled(arguments.time.is_some()).map_err(|error| Fault::runtime(&error)),
        Some(path) => {
            Trace::file(path).map_err(|error| Fault::input(&format_args!("{}: {error}", path.display())))
        }
    }
}

/// What stands at the top.
struct Banner {
    brokers: String,
    rules: usize,
    trace: String,
}

impl Banner {
    fn lines(&self, paint: Paint) -> Vec<String> {
        let Banner { brokers, rules, trace } = self;
        let notice = " for trying out: the broker lives in memory, delivery is at-least-once ";
        vec![
            format!("{}  {}", paint.bold("wardline demo"), paint.warning(notice)),
            format!("broker {brokers}   {}   trace: {trace}   Ctrl-C ends", count(*rules, "rule")),
            paint.dim(
                "chat.events ─► match ─► wardline.hits ─► correlate; both ─► review.flags, review.shadow",
            ),
        ]
    }
}

/// Shows the board until everything is done or somebody wants to stop.
fn show(stand: &Stand, banner: &Banner) -> io::Result<()> {
    let mut display = if io::stdout().is_terminal() {
        Display::Live(Screen::open()?)
    } else {
        Display::Lines { figures_at: FIGURES_EVERY }
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
    /// Elsewhere: a line for every flag, and the figures from time to time.
    Lines {
        /// When the figures are told next.
        figures_at: Duration,
    },
}

impl Display {
    fn begin(&self, banner: &Banner) -> io::Result<()> {
        match self {
            Display::Live(_) => Ok(()),
            Display::Lines { .. } => print(&(banner.lines(Paint { colour: false }).join("\n") + "\n\n")),
        }
    }

    fn update(&mut self, stand: &Stand, banner: &Banner) -> io::Result<()> {
        let time = stand.time();
        match self {
            Display::Live(screen) => screen.draw(banner, &stand.board(), time),
            Display::Lines { figures_at } => {
                let mut text = stand.news();
                if time >= *figures_at {
                    *figures_at += FIGURES_EVERY;
                    text.push_str(&figures(&stand.board(), time));
                    text.push('\n');
                }
                print(&text)
            }
        }
    }
}

/// The summary.
fn conclude(stand: &Stand) -> io::Result<()> {
    let colour = io::stdout().is_terminal() && console::colors_enabled();
    let text = summary::text(Paint { colour }, &stand.board(), stand.played());
    print(&format!("\n{text}"))
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
