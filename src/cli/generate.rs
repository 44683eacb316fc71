//! `wardline generate`: synthetic traffic as JSON Lines, labelled cases, or a set of neutral phrase rules.
//!
//! The generator itself is pure ([`crate::generate`]); here are its arguments and where its output goes. A
//! reader that closes the pipe early (`| head`) ends the command cleanly.
#![expect(clippy::disallowed_methods, reason = "the shell opens the output file")]

mod cases;
#[cfg(feature = "kafka")]
mod stream;

use super::exit;
use crate::generate::{Generator, LoadRules, LoadTraffic, Settings, SettingsError};
use clap::{Args, Subcommand};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

/// Bytes gathered before they are written.
const CHUNK: usize = 64 * 1024;

/// Makes synthetic chat and session events as JSON Lines: the same seed gives the same events.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    traffic: Traffic,
}

#[derive(Debug, Subcommand)]
enum What {
    Cases(Box<cases::Arguments>),
    /// Writes a set of neutral phrase rules for load tests; `generate --rules-hit` makes events that hit them.
    Rules(Rules),
}

#[derive(Debug, Args)]
struct Traffic {
    /// Share of records that cannot be decoded, for the dead-letter topic.
    #[arg(long, value_name = "SHARE", default_value = "0.1%")]
    bad: Share,
    /// Number of events.
    #[arg(long, value_name = "N", default_value_t = Settings::BUNDLED_EVENTS)]
    events: u64,
    /// Share of events with a mild risk behaviour, which the bundled rules flag.
    #[arg(long, value_name = "SHARE", default_value = "1%")]
    flagged: Share,
    /// Where to write; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Events per second of event time.
    #[arg(long, value_name = "EVENTS_PER_S", default_value_t = 1000.0)]
    rate: f64,
    /// Number of rules that `generate rules` wrote.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    rules_count: u32,
    /// Share of events that hit one of the rules that `generate rules` wrote.
    #[arg(long, value_name = "SHARE", default_value = "0")]
    rules_hit: Share,
    /// Seed that `generate rules` was given.
    #[arg(long, value_name = "S", default_value_t = 1)]
    rules_seed: u64,
    /// Seed: the same seed and options give the same events.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Event time of the first event (RFC 3339).
    #[arg(long, value_name = "TIME", default_value = "2026-01-01T00:00:00Z")]
    start: jiff::Timestamp,
}

#[derive(Debug, Args)]
struct Rules {
    /// Number of rules.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    count: u32,
    /// Where to write; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Seed: the same seed gives the same rules.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Gives each rule two tests of its own.
    #[arg(long)]
    tests: bool,
}

/// A share, written `1%` or `0.01`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share(pub(super) f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Share, String> {
        let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
        let share = number.trim().parse::<f64>().map(|number| number / unit);
        match share {
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(Share(share)),
            _ => Err("expected a share from 0 % to 100 %, such as `1%` or `0.01`".to_owned()),
        }
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let (out, work) = match &arguments.what {
        Some(What::Cases(cases)) => return cases::run(cases),
        Some(What::Rules(rules)) => (&rules.out, rules.work()),
        None => (&arguments.traffic.out, arguments.traffic.work()),
    };
    let work = match work {
        Ok(work) => work,
        Err(error) => return exit::failed(exit::BAD_CONFIGURATION, error),
    };
    match write(out, work) {
        Ok(()) => ExitCode::from(exit::CLEAN),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(exit::CLEAN),
        Err(error) => exit::failed(exit::RUNTIME_FAILURE, format_args!("{}: {error}", out.display())),
    }
}

/// What remains to be written; each call appends one item, until there is none.
type Work = Box<dyn FnMut(&mut Vec<u8>) -> bool>;

impl Traffic {
    fn work(&self) -> Result<Work, SettingsError> {
        let mut generator = Generator::new(&self.settings()?)?;
        let mut left = self.events;
        Ok(Box::new(move |out| {
            if left == 0 {
                return false;
            }
            left -= 1;
            generator.next_into(out);
            out.push(b'\n');
            true
        }))
    }

    fn settings(&self) -> Result<Settings, SettingsError> {
        let rules = LoadRules::new(self.rules_count, self.rules_seed)?;
        let load = (self.rules_hit.0 > 0.0).then_some(LoadTraffic { rules, share: self.rules_hit.0 });
        let (flagged, bad, start_ms) = (self.flagged.0, self.bad.0, self.start.as_millisecond());
        Ok(Settings { seed: self.seed, start_ms, rate: self.rate, flagged, bad, load })
    }
}

impl Rules {
    fn work(&self) -> Result<Work, SettingsError> {
        let rules = LoadRules::new(self.count, self.seed)?;
        let tests = self.tests;
        let mut next = 0;
        Ok(Box::new(move |out| {
            if next == rules.count() {
                return false;
            }
            if next > 0 {
                out.extend_from_slice(b"---\n");
            }
            out.extend_from_slice(rules.yaml(next).as_bytes());
            if tests {
                out.extend_from_slice(rules.tests(next).as_bytes());
            }
            next += 1;
            true
        }))
    }
}

fn write(path: &Path, work: Work) -> io::Result<()> {
    write_to(open(path)?, work)
}

/// The file at a path; `-` is standard output.
fn open(path: &Path) -> io::Result<Box<dyn Write>> {
    if path.as_os_str() == "-" {
        Ok(Box::new(io::stdout().lock()))
    } else {
        Ok(Box::new(File::create(path)?))
    }
}

fn write_to(out: impl Write, mut work: Work) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(CHUNK, out);
    let mut item = Vec::new();
    while work(&mut item) {
        out.write_all(&item)?;
        item.clear();
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_in_both_forms() {
        let cases = [
            ("1%", Some(0.01)),
            ("0.5 %", Some(0.005)),
            ("0.01", Some(0.01)),
            ("1", Some(1.0)),
            ("100%", Some(1.0)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Share>().ok().map(|share| share.0), expected, "{text}");
        }
        for text in ["101%", "-1%", "2", "x", "", "%", "NaN"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }

    #[test]
    fn rules_are_separated_and_counted() {
        let rules = Rules { count: 3, out: "-".into(), seed: 1, tests: true };
        let mut out = Vec::new();
        write_to(&mut out, rules.work().expect("in range")).expect("a Vec takes everything");
        let text = String::from_utf8(out).expect("UTF-8");
        let names: Vec<_> = text
            .split("---\n")
            .filter_map(|rule| rule.lines().find(|line| line.starts_with("name")))
            .collect();
        assert_eq!(text.matches("expect: match").count(), 3);
        assert_eq!(names, ["name: load_00000", "name: load_00001", "name: load_00002"]);
    }
}
