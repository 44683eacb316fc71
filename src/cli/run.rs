//! `wardline run`: the service.
//!
//! ```text
//!  configuration ─► rules ─► topics ─► workers ─► until a signal, or until one of them fails
//!                     ▲                   │
//!                     └── files, SIGHUP   └──► /metrics, /healthz, /readyz
//! ```
//!
//! Everything that can be wrong is found before the first record is read, and said in one message with its
//! exit code: the configuration (3), the rules (2), the cluster (4). After that a failure of one worker ends
//! them all, because its supervisor's restart is the one road back that is always right: what is durable is
//! in Kafka, and a half-dead process would only hold partitions that nobody reads.
#![expect(clippy::disallowed_methods, reason = "the service reads the clock and waits for its workers")]

pub(super) mod convert;
mod dumps;
mod rules;

use super::exit;
use crate::clock::now_ms;
use crate::config::{self, Config, Format};
use crate::kafka::topics::{self, Needs};
use crate::kafka::{self, Input, Output, Settings, Shared, Watchdog};
use crate::telemetry::events::{Stopping, WatchdogFired};
use crate::telemetry::{self, Bounds, Observed, Telemetry};
use crate::worker::correlate::FoldingStage;
use crate::worker::run::{Seat, run as run_loop};
use crate::worker::slot::{FollowingStage, ProgramSlot};
use crate::worker::{self, Failure, stage};
use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// How often the signals are looked at while workers run.
const LOOK: Duration = Duration::from_millis(50);

/// Pause of a worker after its second failure in a row, before it doubles.
const PAUSE: Duration = Duration::from_millis(10);

/// Reads events from Kafka, runs the rules over them and publishes flags, until it is told to stop.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Configuration file. Without one the built-in default holds, and the environment.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What this process does.
    #[arg(long, value_enum, default_value_t = Role::All)]
    role: Role,
    /// Rule files, or directories of them, instead of the configured ones.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Number of workers of a role instead of the configured one, at most 1024; 0 for one each CPU.
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(0..=1024))]
    workers: Option<usize>,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Runs detection rules over events.
    Match,
    /// Joins what they found into correlations.
    Correlate,
    /// Both; the latter if the rules have correlations.
    All,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Role::Match => worker::Role::Match.name(),
            Role::Correlate => worker::Role::Correlate.name(),
            Role::All => "all",
        }
    }
}

/// What the workers of a process do: how many of which role, and whether what they find is correlated.
#[derive(Debug, Clone, Copy)]
struct Work {
    matching: usize,
    correlating: usize,
    correlations: bool,
}

impl Work {
    fn new(role: Role, workers: usize, correlations: bool) -> Self {
        let matching = if role == Role::Correlate { 0 } else { workers };
        let joins = role == Role::Correlate || (role == Role::All && correlations);
        Self { matching, correlating: if joins { workers } else { 0 }, correlations }
    }

    fn needs(self) -> Needs {
        let matching = if self.matching > 0 { Needs::matching(self.correlations) } else { Needs::default() };
        if self.correlating > 0 { matching.and(Needs::correlating()) } else { matching }
    }
}

/// What went wrong, and the code to end with.
struct Ending {
    code: u8,
    message: String,
    /// It stands in the log already.
    told: bool,
}

impl Ending {
    fn new(code: u8, message: impl Display) -> Self {
        Self { code, message: message.to_string(), told: false }
    }

    /// In a log for machines the end is a line like any other, and only one: what is wrong with rules is shown
    /// there by `wardline check`, and not with their text.
    fn told_to(self, format: Format) -> Self {
        let told = format == Format::Json && tracing::enabled!(tracing::Level::ERROR);
        if told {
            let error = self.message.lines().next().unwrap_or_default();
            tracing::error!(exit_code = self.code, error, "wardline ends");
        }
        Self { told, ..self }
    }

    fn exit(self) -> ExitCode {
        if self.told { ExitCode::from(self.code) } else { exit::failed(self.code, self.message) }
    }
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        Self::new(exit::RUNTIME_FAILURE, failure)
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match serve(arguments) {
        Ok(()) => ExitCode::from(exit::CLEAN),
        Err(ending) => ending.exit(),
    }
}

fn serve(arguments: &Arguments) -> Result<(), Ending> {
    let config = configure(arguments)?;
    let settings = convert::settings(&config).map_err(bad_configuration)?;
    kafka::check_properties(&settings).map_err(bad_configuration)?;
    let signals = Signals::listen().map_err(|error| Ending::new(exit::RUNTIME_FAILURE, error))?;
    telemetry::log::start(&config.log).map_err(bad_configuration)?;
    dumps::forbid();
    live(&config, arguments.role, &settings, &signals).map_err(|ending| ending.told_to(config.log.format))
}

/// From the first line of the log to the last.
fn live(config: &Config, role: Role, settings: &Settings, signals: &Signals) -> Result<(), Ending> {
    let workers = worker_count(config.workers.count);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        librdkafka = kafka::client_version(),
        instance = settings.instance,
        group = settings.group,
        correlate_group = config.kafka.correlate_group(),
        role = role.name(),
        workers,
        "wardline starts"
    );
    let telemetry = Telemetry::new(Bounds::from(&config.limits), workers, &kafka::client_version(), now_ms())
        .map_err(|error| Ending::new(exit::RUNTIME_FAILURE, error))?;
    // Before the first load, so that a change during it is not missed.
    let recipe = rules::recipe(config).map_err(bad_configuration)?;
    let baseline = recipe.baseline(&config.rules);
    let slot = Arc::new(ProgramSlot::new(rules::first(&recipe, &telemetry)?));
    let _web = serve_web(config, &telemetry)?;
    let work = Work::new(role, workers, slot.get().has_correlations());
    if work.matching > 0 && !work.correlations {
        telemetry.runs_no_correlations();
    }
    look_at_topics(settings, work.needs())?;
    let _watcher = recipe.follow(baseline, Arc::clone(&slot), Arc::clone(&telemetry)).map_err(|error| {
        Ending::new(exit::RUNTIME_FAILURE, format!("the rules cannot be watched: {error}"))
    })?;
    let reason = Arc::new(OnceLock::new());
    let (known, format) = (Arc::clone(&reason), config.log.format);
    let watchdog =
        Watchdog::start(settings.watchdog, move |call, after| bite(call, after, known.get(), format));
    let asked = watchdog.clone();
    telemetry.ask_watchdog(move || asked.longest().map_or(Duration::ZERO, |(_, taken)| taken));
    let crew = Crew {
        watchdog,
        programs: &slot,
        stage: convert::stage(&config.limits),
        config,
        telemetry: &telemetry,
        signals,
        reason,
    };
    crew.run(&crew.members(settings, work)).map_err(Ending::from)
}

/// Checks the topics, creating those that are missing if that is wanted.
fn look_at_topics(settings: &Settings, needs: Needs) -> Result<(), Ending> {
    let report = topics::check(settings, needs)?;
    for topic in &report.created {
        tracing::info!(topic, "topic created");
    }
    for warning in &report.warnings {
        tracing::warn!("{warning}");
    }
    Ok(())
}

fn bad_configuration(message: impl Display) -> Ending {
    Ending::new(exit::BAD_CONFIGURATION, message)
}

fn configure(arguments: &Arguments) -> Result<Config, Ending> {
    let mut config = config::load(arguments.config.as_deref()).map_err(bad_configuration)?;
    if !arguments.rules.is_empty() {
        config.rules.paths.clone_from(&arguments.rules);
    }
    if let Some(workers) = arguments.workers {
        config.workers.count = workers;
    }
    Ok(config)
}

fn worker_count(configured: usize) -> usize {
    match configured {
        0 => thread::available_parallelism().map_or(1, usize::from),
        count => count,
    }
}

/// Serves the HTTP endpoints for as long as what this yields lives.
#[cfg(feature = "web")]
fn serve_web(config: &Config, telemetry: &Arc<Telemetry>) -> Result<Option<crate::web::Web>, Ending> {
    let Some(address) = config.web.listen else { return Ok(None) };
    let served = crate::web::serve(address, Arc::clone(telemetry));
    served.map(Some).map_err(|error| Ending::new(exit::RUNTIME_FAILURE, error))
}

/// This build has no HTTP endpoints.
#[cfg(not(feature = "web"))]
fn serve_web(config: &Config, _: &Arc<Telemetry>) -> Result<(), Ending> {
    if config.web.listen.is_some() {
        tracing::warn!("web.listen is set, but this program was built without the feature `web`");
    }
    Ok(())
}

/// Ends the process at once: whoever hangs holds what an orderly end would wait for. If that was the end already,
/// its reason is said here.
fn bite(call: &'static str, after: Duration, reason: Option<&String>, format: Format) {
    WatchdogFired { call, after }.emit();
    match reason {
        Some(reason) => end_now(reason, format),
        None => signal_hook::low_level::exit(i32::from(exit::RUNTIME_FAILURE)),
    }
}

/// Ends the process although threads still run, with the reason.
fn end_now(reason: &str, format: Format) {
    // The code that this yields is the one that follows.
    let _: ExitCode = Ending::new(exit::RUNTIME_FAILURE, reason).told_to(format).exit();
    signal_hook::low_level::exit(i32::from(exit::RUNTIME_FAILURE));
}

/// Which signal asked for the end, if one did.
struct Signals {
    /// Until a worker runs there is nothing to finish, and a signal ends the process at once.
    starting: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    received: Arc<AtomicUsize>,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        let signals = Self {
            starting: Arc::new(AtomicBool::new(true)),
            stop: Arc::default(),
            received: Arc::default(),
        };
        for signal in [SIGTERM, SIGINT] {
            let number = usize::try_from(signal).unwrap_or(1);
            signal_hook::flag::register_usize(signal, Arc::clone(&signals.received), number)?;
            let (clean, starting) = (i32::from(exit::CLEAN), Arc::clone(&signals.starting));
            signal_hook::flag::register_conditional_shutdown(signal, clean, starting)?;
        }
        // Asks for a reload of the rules later on. The first load is yet to come, and needs no second.
        signal_hook::flag::register(SIGHUP, Arc::default())?;
        Ok(signals)
    }

    fn name(&self) -> Option<&'static str> {
        let number = i32::try_from(self.received.load(Ordering::Relaxed)).unwrap_or(0);
        match number {
            0 => None,
            SIGTERM => Some("SIGTERM"),
            _ => Some("SIGINT"),
        }
    }
}

/// The workers of the process.
struct Crew<'a> {
    watchdog: Watchdog,
    programs: &'a ProgramSlot,
    stage: stage::Settings,
    config: &'a Config,
    telemetry: &'a Arc<Telemetry>,
    signals: &'a Signals,
    /// Why the first worker failed, for those who end the process when another does not come to an end.
    reason: Arc<OnceLock<String>>,
}

impl Crew<'_> {
    /// The workers, numbered from those that match on.
    fn members(&self, settings: &Settings, work: Work) -> Vec<Shared> {
        let matching = Settings { hits: work.correlations, ..settings.clone() };
        let correlating = settings.correlating(self.config.kafka.correlate_group());
        let roles = [(matching, work.matching), (correlating, work.correlating)];
        let mut members = Vec::new();
        for (settings, count) in roles {
            let settings = Arc::new(settings);
            let topic = settings.topics.input.as_str();
            let observer = Arc::new(Observed::new(Arc::clone(self.telemetry), settings.role, topic));
            for number in 0..count {
                let (slot, stop) = (members.len(), Arc::clone(&self.signals.stop));
                self.telemetry.runs(slot, settings.role);
                let (settings, watchdog) = (Arc::clone(&settings), self.watchdog.clone());
                members.push(Shared { settings, slot, number, watchdog, observer: observer.clone(), stop });
            }
        }
        members
    }

    fn run(&self, members: &[Shared]) -> Result<(), Failure> {
        let (done, results) = channel();
        thread::scope(|scope| {
            let mut running = 0;
            for member in members {
                let teller = done.clone();
                let thread = thread::Builder::new().name(format!("worker-{}", member.slot));
                let started = thread.spawn_scoped(scope, move || self.work(member, &teller));
                running += 1;
                if let Err(error) = started {
                    // Told as that worker's end, so that those that run are ended in order.
                    let failure = Failure::stop(format!("a worker cannot start: {error}"));
                    drop(done.send(Err(failure)));
                    break;
                }
            }
            self.oversee(running, &results)
        })
    }

    /// One worker from join to close. Whoever oversees the workers ends only after all of them have told.
    fn work(&self, shared: &Shared, done: &Sender<Result<(), Failure>>) {
        let slot = shared.slot;
        let tell = |result| drop(done.send(result));
        let (mut input, mut output) = match guarded(slot, || kafka::join(shared)) {
            Ok(joined) => joined,
            Err(_) if self.signals.stop.load(Ordering::Relaxed) => return tell(Ok(())),
            Err(failure) => return tell(Err(failure)),
        };
        self.signals.starting.store(false, Ordering::SeqCst);
        let worked = guarded(slot, || self.loop_over(shared, &mut input, &mut output));
        let _watched = shared.watchdog.watch("close");
        if let Err(failure) = &worked {
            drop(self.reason.set(failure.message.clone()));
            // Told first: a client that failed may not close either, and then the watchdog ends the process.
            tell(worked);
            drop(output);
            drop(input);
        } else {
            drop(output);
            input.close();
            tell(Ok(()));
        }
    }

    fn loop_over(&self, shared: &Shared, input: &mut Input, output: &mut Output) -> Result<(), Failure> {
        let seat = Seat {
            slot: shared.slot,
            policy: convert::policy(&self.config.kafka.commit),
            pause: PAUSE,
            clock: now_ms,
            stop: &shared.stop,
            observer: &*shared.observer,
        };
        match shared.settings.role {
            worker::Role::Match => {
                run_loop(input, &mut FollowingStage::new(self.programs, self.stage), output, seat)
            }
            worker::Role::Correlate => {
                run_loop(input, &mut FoldingStage::new(self.programs, self.stage), output, seat)
            }
        }
    }

    /// Waits until every worker has ended; a signal or a failure makes the others end, and a time bounds it.
    fn oversee(&self, workers: usize, results: &Receiver<Result<(), Failure>>) -> Result<(), Failure> {
        let mut outcome = Ok(());
        let mut deadline = None;
        let mut running = workers;
        while running > 0 {
            match results.recv_timeout(LOOK) {
                Ok(result) => {
                    running -= 1;
                    outcome = outcome.and(result);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if deadline.is_none() && (outcome.is_err() || self.signals.name().is_some()) {
                self.stop();
                deadline = Some(Instant::now() + self.config.kafka.stop_timeout);
            }
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                self.give_up(&outcome);
            }
        }
        outcome
    }

    /// Ends the process although workers still run.
    fn give_up(&self, outcome: &Result<(), Failure>) {
        let late = || match self.watchdog.longest() {
            Some((call, taken)) => format!("workers did not stop in time: {call} has taken {taken:.1?}"),
            None => "workers did not stop in time".to_owned(),
        };
        let reason = outcome.as_ref().err().map_or_else(late, |failure| failure.message.clone());
        end_now(&reason, self.config.log.format);
    }

    fn stop(&self) {
        if let Some(cause) = self.signals.name() {
            Stopping { cause }.emit(self.telemetry);
        }
        self.signals.stop.store(true, Ordering::Relaxed);
    }
}

/// Runs a worker's part; a panic, which has said where it came from, is a failure like any other.
fn guarded<T>(slot: usize, part: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(part))
        .unwrap_or_else(|_| Err(Failure::stop(format!("worker {slot} panicked"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_works_and_what_for() {
        let none = Needs::default();
        // role, whether rules correlate, workers that match and that correlate, what they need
        let cases = [
            (Role::All, false, (3, 0), Needs { events: true, ..none }),
            (Role::All, true, (3, 3), Needs { events: true, hits: true, windows: true }),
            (Role::Match, false, (3, 0), Needs { events: true, ..none }),
            (Role::Match, true, (3, 0), Needs { events: true, hits: true, ..none }),
            // Asked for by name, they wait for what a reload may bring.
            (Role::Correlate, false, (0, 3), Needs { hits: true, windows: true, ..none }),
            (Role::Correlate, true, (0, 3), Needs { hits: true, windows: true, ..none }),
        ];
        for (role, correlations, workers, needs) in cases {
            let work = Work::new(role, 3, correlations);
            assert_eq!((work.matching, work.correlating), workers, "{role:?} {correlations}");
            assert_eq!(work.needs(), needs, "{role:?} {correlations}");
        }
    }
}
