//! `wardline diff`: two rule sets side by side, and what they find in the same events.
//!
//! Events are read twice, once for each set: two passes of the one pipeline are simpler than one that carries two sets, and equal by
//! construction to what `scan` finds with each.

use super::backtest::{How, judge, read_truth};
use super::input::{LevelName, Reading};
use super::{exit, rules};
use crate::backtest::Findings;
use crate::config::Config;
use crate::diff::flags::Question;
use crate::diff::{Card, Diff, FlagDiff, RuleDiff, SCHEMA, markdown};
use crate::rule::model::Level;
use crate::ruleset::RuleIndex;
use crate::truth::Truth;
use crate::worker::stage::Program;
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Compares two rule sets: rules added, removed and changed in what they find or what becomes of it, whatever their layout; and with
/// --corpus, what that does to the flags of these events, and with --truth to the cases that labels tell of.
///
/// Before a pull request: `git worktree add /tmp/old main`, then `wardline diff /tmp/old/rules rules --corpus trace.jsonl`.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Events to try both sets on: file or directory; JSON Lines, plain or compressed by gzip or zstd. May be
    /// repeated.
    #[arg(long, value_name = "PATH")]
    corpus: Vec<PathBuf>,
    /// Exit with code 1 if anything is different.
    #[arg(long)]
    exit_code: bool,
    /// Form of the comparison.
    #[arg(long, value_enum, default_value_t = Form::Markdown)]
    format: Form,
    /// With --truth: a flag of this level or a graver one catches a case.
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = LevelName::High)]
    level: LevelName,
    /// So many flags that are new, so many that are gone, and so many cases of a kind are listed.
    #[arg(long, value_name = "N", default_value_t = 20)]
    list: usize,
    #[command(flatten)]
    reading: Reading,
    /// File of labels for --corpus (`wardline schema truth`). May be repeated.
    #[arg(long, value_name = "FILE", requires = "corpus")]
    truth: Vec<PathBuf>,
    /// Rule file, or directory of rule files, as it was.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// Rule file, or directory of rule files, as it is.
    #[arg(value_name = "NEW")]
    new: PathBuf,
}

/// A form of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Tables for people, and for a pull request.
    Markdown,
    /// For programs.
    Json,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let diff = match arguments.diff() {
        Ok(diff) => diff,
        Err(code) => return code,
    };
    let shown = match arguments.format {
        Form::Markdown => Ok(markdown::text(&diff)),
        Form::Json => serde_json::to_string_pretty(&diff).map(|text| text + "\n").map_err(io::Error::from),
    };
    let code = if arguments.exit_code && diff.is_any() { exit::FINDINGS } else { exit::CLEAN };
    exit::written(shown.and_then(|text| write(&text)), "the comparison", code)
}

fn write(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

impl Arguments {
    fn diff(&self) -> Result<Diff, ExitCode> {
        if self.corpus.iter().any(|path| path == Path::new("-")) {
            let message = "--corpus - can be read once only, and is wanted for two rule sets: name a file";
            return Err(exit::failed(exit::BAD_CONFIGURATION, message));
        }
        let truth = if self.truth.is_empty() { Arc::default() } else { read_truth(&self.truth)? };
        let config = self.reading.configuration()?;
        let [old, new] = [&self.old, &self.new].map(|path| self.side(path, config.as_ref(), &truth));
        let ((old_cards, old), (new_cards, new)) = (old?, new?);
        let question = Question {
            truth: (!self.truth.is_empty()).then_some(&*truth),
            level: self.level.into(),
            listed: self.list,
        };
        let flags = old.zip(new).map(|(old, new)| FlagDiff::of(&old, &new, &question));
        Ok(Diff { schema: SCHEMA, rules: RuleDiff::of(&old_cards, &new_cards), flags })
    }

    /// The rules of one set, and what they find if there are events.
    fn side(
        &self,
        path: &Path,
        config: Option<&Config>,
        truth: &Arc<Truth>,
    ) -> Result<(Vec<Card>, Option<Findings>), ExitCode> {
        let job = self.reading.job(config, &[path.to_owned()])?;
        let cards = cards(&job.program);
        if self.corpus.is_empty() {
            return Ok((cards, None));
        }
        let how = How { shown: Level::Informational, quiet: true, order: self.reading.order() };
        let source = self.reading.files(&self.corpus)?;
        let (findings, unreadable) = judge((job, source), truth, how)?;
        if unreadable {
            return Err(exit::failed(exit::BAD_INPUT, "a part of the corpus could not be read"));
        }
        if findings.unreadable > 0 {
            let lines = rules::count(usize::try_from(findings.unreadable).unwrap_or(usize::MAX), "line");
            anstream::eprintln!("{lines} of the corpus could not be read as events");
        }
        Ok((cards, Some(findings)))
    }
}

fn cards(program: &Program) -> Vec<Card> {
    let rules = program.rules();
    let of_rules = (0u32..).zip(rules.rules()).map(|(index, _)| Card::of_rule(rules, RuleIndex(index)));
    let of_correlations = program.correlations().iter().map(|(_, compiled)| Card::of_correlation(compiled));
    of_rules.chain(of_correlations).collect()
}
