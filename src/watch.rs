//! Tells when rules and lists are to be loaded anew: their files have changed, or SIGHUP asks.
//!
//! ```text
//!  file events ── quiet? ─┐
//!  every 10 s ────────────┼─► fingerprint differs, and rests? ─┐
//!  SIGHUP ────────────────┼────────────────────────────────────┼─► reload
//!  a list expires ────────┴────────────────────────────────────┘
//! ```
//!
//! File events only say that it is time to look; what decides is a fingerprint of the rule files and lists
//! (where each really lies, its size, its times of change). So the noise of a shared directory, an editor's
//! own files and a repository's among them, causes no reload, and a
//! swap of symbolic links, as Kubernetes does with mounted configuration, is seen whichever link was
//! swapped. The regular look serves file systems that send no events; there nothing tells that files are
//! quiet, so a fingerprint that differs is taken again before it is believed.
//!
//! Loading happens in the watcher's thread, aside from the workers; `reload` does it.
#![expect(clippy::disallowed_methods, reason = "looks at files, and times what it does")]

mod reload;

pub use reload::{LoadError, Recipe};

use crate::clock::now_ms;
use crate::file::{Met, tour};
use crate::library::is_source;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use signal_hook::consts::SIGHUP;
use signal_hook::iterator::{Handle, Signals};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long the expiry of a list is slept towards at most.
const LONGEST_NAP: Duration = Duration::from_hours(1);

/// How often files are looked at without an event.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What is watched, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Files and directories with rules and lists.
    pub paths: Vec<PathBuf>,
    /// Whether changes of files are watched. SIGHUP is heard in any case.
    pub files: bool,
    /// How long files must have been quiet.
    pub quiet: Duration,
}

/// Why a reload is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The files differ.
    Files,
    /// SIGHUP.
    Signal,
    /// A list must not be used any more.
    Expiry,
}

/// What wakes the watcher.
enum Wake {
    Touched,
    Asked,
    End,
}

/// The state of the files as it was when this was made; watching starts from there.
///
/// Made before the first load, so that a change during it is not missed.
#[derive(Debug)]
pub struct Baseline {
    settings: Settings,
    seen: Fingerprint,
}

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    wake: Sender<Wake>,
    signals: Handle,
    threads: Vec<JoinHandle<()>>,
}

/// Takes the state of the files.
pub fn baseline(mut settings: Settings) -> Baseline {
    for path in &mut settings.paths {
        // Events name absolute paths. Where there is no working directory, the regular look remains.
        *path = std::path::absolute(&*path).unwrap_or_else(|_| path.clone());
    }
    let seen = fingerprint(&settings.paths);
    Baseline { settings, seen }
}

impl Baseline {
    /// Starts to watch. `reload` is called in the watcher's thread, one call at a time, and says when it is to be called
    /// again whatever the files do, in milliseconds since the epoch; the first such time is `due`.
    pub fn watch(
        self,
        due: Option<i64>,
        reload: impl FnMut(Cause) -> Option<i64> + Send + 'static,
    ) -> std::io::Result<Watcher> {
        let (wake, wakes) = channel();
        let mut signals = Signals::new([SIGHUP])?;
        let handle = signals.handle();
        let asked = wake.clone();
        let listener = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for _ in signals.forever() {
                // The watcher has ended; so will this.
                if asked.send(Wake::Asked).is_err() {
                    return;
                }
            }
        })?;
        let events = wake.clone();
        let looker = thread::Builder::new().name("watch".to_owned());
        let looker = looker.spawn(move || Looker { baseline: self, due, events, wakes, reload }.run())?;
        Ok(Watcher { wake, signals: handle, threads: vec![listener, looker] })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.signals.close();
        // Either the looker hears it or it has ended already.
        drop(self.wake.send(Wake::End));
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

/// The thread that decides when to reload.
struct Looker<R> {
    baseline: Baseline,
    /// When to reload whatever the files do, in milliseconds since the epoch.
    due: Option<i64>,
    events: Sender<Wake>,
    wakes: Receiver<Wake>,
    reload: R,
}

/// Why to look at the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// They were touched and have been quiet since.
    Quiet,
    /// It is time, whatever they do.
    Due,
    /// A signal asks, whether they differ or not.
    Asked,
    /// A list expires.
    Expired,
}

impl<R: FnMut(Cause) -> Option<i64>> Looker<R> {
    fn run(mut self) {
        // Events come as long as it lives.
        let mut listening = self.listen();
        // What changed before the listening began brought no event.
        let mut look = Some(Look::Due);
        while let Some(why) = look {
            look = match self.look(why) {
                Some((cause, seen)) => {
                    // Taken before loading: what changes meanwhile differs from it and is loaded next.
                    self.baseline.seen = seen;
                    self.due = (self.reload)(cause);
                    // The directories may be others than before; and again, what changed meanwhile is silent.
                    drop(listening);
                    listening = self.listen();
                    Some(Look::Due)
                }
                None => self.next(),
            };
        }
    }

    /// Waits for a reason to look; none when watching ends.
    fn next(&self) -> Option<Look> {
        let Settings { files, quiet, .. } = self.baseline.settings;
        let mut wait = if files { LOOK_EVERY } else { Duration::MAX };
        let mut latest = None;
        loop {
            // A clock that is set forward is seen within the hour.
            let left = self.due.map_or(Duration::MAX, |due| left(due).min(LONGEST_NAP));
            match receive(&self.wakes, wait.min(left)) {
                Ok(Wake::Asked) => return Some(Look::Asked),
                Ok(Wake::Touched) => {
                    let now = Instant::now();
                    wait = quiet.min(latest.get_or_insert(now + longest(quiet)).duration_since(now));
                }
                Ok(Wake::End) | Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if self.is_due() => return Some(Look::Expired),
                Err(RecvTimeoutError::Timeout) if latest.is_some() => return Some(Look::Quiet),
                Err(RecvTimeoutError::Timeout) => return Some(Look::Due),
            }
        }
    }

    /// Whether a list has expired.
    fn is_due(&self) -> bool {
        self.due.is_some_and(|due| due <= now_ms())
    }

    /// What is to be loaded, and why, if anything is.
    fn look(&self, why: Look) -> Option<(Cause, Fingerprint)> {
        let now = fingerprint(&self.baseline.settings.paths);
        let differs = now != self.baseline.seen;
        match why {
            Look::Asked => Some((Cause::Signal, now)),
            Look::Expired => Some((Cause::Expiry, now)),
            Look::Quiet => differs.then_some((Cause::Files, now)),
            Look::Due if differs => {
                let (cause, rested) = self.rest(now)?;
                (cause == Cause::Signal || rested != self.baseline.seen).then_some((cause, rested))
            }
            Look::Due => None,
        }
    }

    /// The fingerprint once it stays the same while files are quiet; none when watching ends.
    fn rest(&self, mut seen: Fingerprint) -> Option<(Cause, Fingerprint)> {
        let Settings { quiet, ref paths, .. } = self.baseline.settings;
        let latest = Instant::now() + longest(quiet);
        loop {
            let cause = match receive(&self.wakes, quiet) {
                Ok(Wake::End) => {
                    // For whoever waits next: it has to end, too.
                    drop(self.events.send(Wake::End));
                    return None;
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Ok(Wake::Asked) => return Some((Cause::Signal, fingerprint(paths))),
                Ok(Wake::Touched) if Instant::now() < latest => continue,
                Ok(Wake::Touched) | Err(RecvTimeoutError::Timeout) => Cause::Files,
            };
            let now = fingerprint(paths);
            if now == seen || Instant::now() >= latest {
                return Some((cause, now));
            }
            seen = now;
        }
    }

    /// Asks for events of the files. Without them, because the system refuses, the regular look remains.
    fn listen(&self) -> Option<RecommendedWatcher> {
        if !self.baseline.settings.files {
            return None;
        }
        let events = self.events.clone();
        let names = names(&self.baseline.settings.paths);
        let touched = move |event: notify::Result<notify::Event>| {
            if event.as_ref().map_or(true, |event| matters(event, &names)) {
                // The looker has ended; so will this.
                drop(events.send(Wake::Touched));
            }
        };
        let mut watcher = notify::recommended_watcher(touched).map_err(|error| unheard(&error)).ok()?;
        for directory in directories(&self.baseline.settings.paths) {
            if let Err(error) = watcher.watch(&directory, RecursiveMode::NonRecursive) {
                unheard(&error);
            }
        }
        Some(watcher)
    }
}

/// How long files that never rest can put a reload off.
fn longest(quiet: Duration) -> Duration {
    LOOK_EVERY.max(quiet)
}

/// How long it is to a time in milliseconds since the epoch.
fn left(due: i64) -> Duration {
    Duration::from_millis(u64::try_from(due.saturating_sub(now_ms())).unwrap_or(0))
}

fn receive(wakes: &Receiver<Wake>, wait: Duration) -> Result<Wake, RecvTimeoutError> {
    if wait == Duration::MAX {
        return wakes.recv().map_err(|_| RecvTimeoutError::Disconnected);
    }
    wakes.recv_timeout(wait)
}

fn unheard(error: &notify::Error) {
    tracing::warn!(%error, "no file events, looking every ten seconds instead");
}

/// A file as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    found: PathBuf,
    /// Where it really lies.
    real: PathBuf,
    size: u64,
    inode: u64,
    /// Of its content, and of that or its attributes: the latter cannot be set back, as a copy that keeps
    /// times sets the former. Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Seen {
    fn new(path: &Path, metadata: &fs::Metadata) -> Seen {
        Seen {
            found: path.to_owned(),
            real: path.canonicalize().unwrap_or_default(),
            size: metadata.len(),
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// All files as they were.
type Fingerprint = BTreeSet<Seen>;

/// The paths' files. Of those in directories only what the library would read counts.
fn fingerprint(paths: &[PathBuf]) -> Fingerprint {
    let mut seen = Fingerprint::new();
    for path in paths {
        tour(path, &mut |met| {
            if let Met::File(file, Some(metadata)) = met
                && metadata.is_file()
                && (file == path || is_source(file))
            {
                seen.insert(Seen::new(file, metadata));
            }
        });
    }
    seen
}

/// The directories in which something may change: each of the paths and all below, and those that hold a
/// path or the link that stands for it.
fn directories(paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for path in paths {
        found.insert(parent(path));
        if let Ok(real) = path.canonicalize() {
            found.insert(parent(&real));
        }
        tour(path, &mut |met| {
            if let Met::Directory(path) = met {
                found.insert(path.to_owned());
            }
        });
    }
    found
}

/// The paths as they are written and as they really lie.
fn names(paths: &[PathBuf]) -> Vec<PathBuf> {
    let real = paths.iter().filter_map(|path| path.canonicalize().ok());
    paths.iter().cloned().chain(real).collect()
}

/// Whether an event may be of our files. Their neighbours in a parent directory are not: a log file there
/// would keep us awake with its every line. Names that begin with two dots are how Kubernetes swaps a mount.
fn matters(event: &notify::Event, names: &[PathBuf]) -> bool {
    let swaps = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
    let ours = |path: &PathBuf| swaps(path) || names.iter().any(|name| path.starts_with(name));
    !event.kind.is_access() && (event.need_rescan() || event.paths.iter().any(ours))
}

fn parent(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}

#[cfg(test)]
mod tests;
