//! What events are read, and how, as arguments say: shared by the commands that evaluate files.

#[cfg(feature = "kafka")]
mod topic;

use super::pipeline::{Job, Order, Source};
use super::{exit, rules};
use crate::clock;
use crate::config::Config;
use crate::event::Preset;
use crate::file::{self, Content};
use crate::rule::model::Level;
use crate::worker::stage::Settings;
use clap::{Args, ValueEnum, value_parser};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// How to read events.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// Configuration of the service: how it reads events, its rules, lists and greatest size of a flag. What other
    /// options say wins.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Number of threads that decode and match; by default one a core. Always one if a rule reads `text.joined`, or
    /// flags show context.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=512))]
    jobs: Option<u16>,
    /// Directory of lists (`name.txt`), which replace those in `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// The order in which correlations are told of events: as they stand in the files, or by their times, when everything is
    /// read. By default as recorded, of a topic by time.
    #[arg(long, value_enum)]
    order: Option<Order>,
    /// Shape of the events; by default the configuration's, or canonical.
    #[arg(long, value_enum, conflicts_with = "text")]
    preset: Option<PresetName>,
    /// Every line is the text of a message, not JSON.
    #[arg(long)]
    text: bool,
}

/// What to read, and how.
#[derive(Debug, Args)]
pub(super) struct Input {
    #[command(flatten)]
    reading: Reading,
    #[cfg(feature = "kafka")]
    #[command(flatten)]
    topic: topic::Arguments,
    /// Files, directories or `-` for standard input; JSON Lines, plain or compressed by gzip or zstd.
    #[arg(value_name = "PATH", default_value = "-")]
    paths: Vec<PathBuf>,
}

/// [`Level`] as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum LevelName {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// [`Preset`] as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PresetName {
    /// Wardline's own event.
    Canonical,
    /// A message object of Discord's API, bare or in a gateway dispatch.
    Discord,
    /// An `EventSub` notification of Twitch.
    Twitch,
    /// Any JSON object.
    Generic,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Level {
        match name {
            LevelName::Informational => Level::Informational,
            LevelName::Low => Level::Low,
            LevelName::Medium => Level::Medium,
            LevelName::High => Level::High,
            LevelName::Critical => Level::Critical,
        }
    }
}

impl From<PresetName> for Preset {
    fn from(name: PresetName) -> Preset {
        match name {
            PresetName::Canonical => Preset::Canonical,
            PresetName::Discord => Preset::Discord,
            PresetName::Twitch => Preset::Twitch,
            PresetName::Generic => Preset::Generic,
        }
    }
}

impl Input {
    /// What the pipeline is to do with rules at these paths, or with the configured ones if there are none.
    pub(super) fn job(&self, rule_paths: &[PathBuf]) -> Result<(Job, Source), ExitCode> {
        let config = self.reading.configuration()?;
        let job = self.reading.job(config.as_ref(), rule_paths)?;
        #[cfg(feature = "kafka")]
        if let Some(log) = self.topic.open(config)? {
            return Ok((job, Source::Log(log)));
        }
        Ok((job, self.reading.files(&self.paths)?))
    }

    /// The order in which correlations are told of events: partitions of a topic have none among them.
    pub(super) fn order(&self) -> Order {
        #[cfg(feature = "kafka")]
        if self.topic.is_named() {
            return self.reading.order.unwrap_or(Order::Time);
        }
        self.reading.order()
    }
}

impl Reading {
    /// The configuration, if one is named.
    pub(super) fn configuration(&self) -> Result<Option<Config>, ExitCode> {
        rules::configuration(self.config.as_deref())
    }

    /// The order in which correlations are told of events of files.
    pub(super) fn order(&self) -> Order {
        self.order.unwrap_or(Order::Recorded)
    }

    /// The files at these paths.
    pub(super) fn files(&self, paths: &[PathBuf]) -> Result<Source, ExitCode> {
        let content = if self.text { Content::Text } else { Content::Json };
        let found = file::find(paths, content);
        found.map(Source::Files).map_err(|error| exit::failed(exit::BAD_INPUT, error))
    }

    /// What the pipeline is to do with rules at these paths, or with the configured ones if there are none.
    pub(super) fn job(&self, config: Option<&Config>, rule_paths: &[PathBuf]) -> Result<Job, ExitCode> {
        let reading = rules::reading_as(config, self.text, self.preset.map(Preset::from))?;
        let (rule_paths, lists) = rules::places(rule_paths, self.lists.as_deref(), config);
        let limits =
            rules::limits(config).map_err(|message| exit::failed(exit::BAD_CONFIGURATION, message))?;
        let library = rules::load(rule_paths, lists, &reading, &limits)?;
        Ok(Job {
            settings: settings(config),
            // Messages are joined in their order.
            threads: if library.program.remembers() { NonZeroUsize::MIN } else { self.threads() },
            program: Arc::new(library.program),
            mapping: reading.mapping,
            clock: clock::now_ms,
            stopwatch: None,
        })
    }

    fn threads(&self) -> NonZeroUsize {
        let asked = self.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
        asked.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}

/// What the stage guards: flags fit as they do in the service, but a scan has no minutes in which a rule could flood.
fn settings(config: Option<&Config>) -> Settings {
    let usual = Settings::default();
    match config {
        Some(Config { limits, .. }) => {
            let grace_ms = i64::try_from(limits.window_grace.as_millis()).unwrap_or(usual.grace_ms);
            let (flag_limit, tail_limit) = (limits.max_flag_size, limits.max_tail_size);
            Settings { flag_limit, tail_limit, grace_ms, ..usual }
        }
        None => usual,
    }
}
