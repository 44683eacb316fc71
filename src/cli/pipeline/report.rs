//! What is said on standard error while files are read: progress, lines that cannot be read, a summary.
//!
//! A bar is shown on a terminal only. Places and reasons are named, contents never.
#![expect(clippy::disallowed_methods, reason = "the shell measures the rate")]

use super::{BadLine, Job, Source, Total, Watcher};
use crate::cli::rules::count;
use crate::event::DecodeErrorCode;
use crate::file::Input;
use crate::worker::stats::{BatchStats, RuleStats};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Most lines that are reported one by one.
const MAX_REPORTED: u64 = 20;

/// Most rules that the summary lists.
const MAX_RULES: usize = 20;

/// Tells people of a scan and sums it up.
pub(in crate::cli) struct Reporter {
    total: Total,
    quiet: bool,
    bar: ProgressBar,
    bytes_read: Arc<AtomicU64>,
    started: Instant,
    rules: usize,
    current: FileSoFar,
}

/// What was read of the file that is being read.
#[derive(Default)]
struct FileSoFar {
    name: String,
    events: u64,
    bad_lines: u64,
    /// Of these, JSON objects in which no event was found.
    shapeless: u64,
}

impl FileSoFar {
    /// Why there is no event in it, and what to do.
    fn nothing_read(&self) -> String {
        let advice = if self.shapeless > 0 {
            "the JSON objects hold neither type nor text where they are looked for; `--preset` names another shape, `--config` a configuration whose [events] describes one"
        } else {
            "one JSON object a line is expected, `--text` takes lines of plain text"
        };
        format!("error: {}: no line could be read as an event; {advice}", self.name)
    }
}

impl Reporter {
    /// Begins to report a scan; a `quiet` one names only files that cannot be read.
    pub(in crate::cli) fn new(job: &Job, source: &Source, quiet: bool) -> Reporter {
        let bar = if quiet { ProgressBar::hidden() } else { bar(source) };
        Reporter {
            total: Total::default(),
            quiet,
            bar,
            bytes_read: Arc::default(),
            started: Instant::now(),
            rules: job.program.heads().count(),
            current: FileSoFar::default(),
        }
    }

    /// What was done in all; says it, too, if that is wanted.
    pub(in crate::cli) fn finish(mut self, sum_up: bool) -> Total {
        self.next_file("");
        self.bar.finish_and_clear();
        if sum_up {
            let summary = summary(&self.total, self.rules, self.started.elapsed());
            say(&summary);
        }
        self.total
    }

    /// A file's first block came, or nothing more comes: says if there was no event at all in the one before, for
    /// then it is of another shape.
    fn next_file(&mut self, name: &str) {
        let before = std::mem::take(&mut self.current);
        if before.events == 0 && before.bad_lines > 0 {
            self.total.unreadable += 1;
            self.line(&before.nothing_read());
        }
        name.clone_into(&mut self.current.name);
    }

    /// Says something without disturbing the bar.
    fn line(&self, text: &str) {
        self.bar.suspend(|| say(&format!("{text}\n")));
    }
}

impl Watcher for Reporter {
    fn bytes_read(&self) -> &Arc<AtomicU64> {
        &self.bytes_read
    }

    fn block(&mut self, file: &str, bad: &[BadLine], stats: &BatchStats) {
        if self.current.name != file {
            self.next_file(file);
        }
        self.current.events += stats.events;
        self.current.bad_lines += bad.len() as u64;
        let shapeless = stats.decode_errors.get(DecodeErrorCode::NoTypeNoText.name());
        self.current.shapeless += shapeless.copied().unwrap_or_default();
        for one in bad {
            self.total.bad_lines += 1;
            if self.quiet || self.total.bad_lines > MAX_REPORTED + 1 {
                continue;
            }
            if self.total.bad_lines <= MAX_REPORTED {
                self.line(&format!("{}: {}", one.place(file), one.message));
            } else {
                self.line("further lines that cannot be read are only counted");
            }
        }
        self.total.stats += stats;
        self.bar.set_position(self.bytes_read.load(Ordering::Relaxed));
        let (events, flags) = (self.total.stats.events, self.total.stats.flags());
        let rate = per_second(events, self.started.elapsed());
        self.bar.set_message(format!("{rate} events/s, {}", counted(flags, "flag")));
    }

    fn folded(&mut self, stats: &BatchStats) {
        self.total.stats += stats;
    }

    fn unreadable(&mut self, file: &str, error: &io::Error) {
        if self.current.name == file {
            // This says enough.
            self.current = FileSoFar::default();
        }
        self.total.unreadable += 1;
        self.line(&format!("error: {file}: {error}"));
    }
}

/// A bar over the files' sizes; without knowing them all, a spinner.
fn bar(source: &Source) -> ProgressBar {
    let size = |input: &Input| match input {
        Input::Stdin => None,
        Input::File { bytes, .. } => *bytes,
    };
    let size = match source {
        Source::Files(inputs) => inputs.iter().map(size).sum::<Option<u64>>(),
        Source::Log(_) => None,
    };
    let (length, template) = match size {
        Some(bytes) => (Some(bytes), "{bar:30} {percent}% of {total_bytes}  {msg}  {eta} left"),
        None => (None, "{spinner} {bytes}  {msg}"),
    };
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr_with_hz(10));
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Writes to standard error.
pub(in crate::cli) fn say(text: &str) {
    // If standard error is closed, nobody is left to tell.
    drop(anstream::stderr().lock().write_all(text.as_bytes()));
}

fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", HumanCount(number), if number == 1 { "" } else { "s" })
}

fn per_second(number: u64, time: Duration) -> HumanCount {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    HumanCount(number.saturating_mul(1_000) / millis)
}

/// The summary: totals, levels, rules.
fn summary(total: &Total, rules: usize, time: Duration) -> String {
    let stats = &total.stats;
    let mut lines = vec![format!(
        "{} ({}) against {} in {:.2} s: {} events/s",
        counted(stats.events, "event"),
        HumanBytes(stats.bytes),
        count(rules, "rule"),
        time.as_secs_f64(),
        per_second(stats.events, time),
    )];
    if total.bad_lines > 0 {
        let events = if total.bad_lines == 1 { "an event" } else { "events" };
        lines.push(format!("{} could not be read as {events}", counted(total.bad_lines, "line")));
    }
    if stats.lossy > 0 {
        let events = counted(stats.lossy, "event");
        lines.push(format!(
            "{events} held bytes or escapes that stand for no character and were read with U+FFFD"
        ));
    }
    lines.push(flags(stats));
    lines.extend(table(stats));
    lines.join("\n") + "\n"
}

/// All flags that were written: those for moderators by level, and how many are in shadow.
fn flags(stats: &BatchStats) -> String {
    let levels = stats.flags_by_level();
    let levels: Vec<_> =
        levels.iter().map(|(level, flags)| format!("{} {}", HumanCount(*flags), level.name())).collect();
    let levels = if levels.is_empty() { String::new() } else { format!(": {}", levels.join(", ")) };
    let flags = counted(stats.flags(), "flag");
    match stats.shadow() {
        0 => format!("{flags}{levels}"),
        shadow => format!("{flags} for moderators{levels}; {} in shadow", HumanCount(shadow)),
    }
}

/// A line a rule that fired, most flags first.
fn table(stats: &BatchStats) -> Vec<String> {
    let mut fired: Vec<_> = stats.rules.iter().collect();
    fired.sort_by(|(a, one), (b, other)| other.findings.cmp(&one.findings).then(a.cmp(b)));
    let rest = fired.len().saturating_sub(MAX_RULES);
    let shown = fired.iter().take(MAX_RULES);
    let mut lines: Vec<_> = shown.map(|(name, rule)| rule_line(name, rule)).collect();
    if rest > 0 {
        lines.push(format!("  … and {}", count(rest, "rule")));
    }
    lines
}

fn rule_line(name: &str, rule: &RuleStats) -> String {
    let note = match (rule.shadow, rule.unpublished) {
        (0, 0) => "",
        (_, 0) => "  (shadow rule)",
        _ => "  (not published)",
    };
    format!("  {:>12}  {:<13}  {name}{note}", HumanCount(rule.findings).to_string(), rule.level.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::model::Level;
    use std::collections::BTreeMap;

    #[test]
    fn the_summary_names_levels_and_rules() {
        let rule = |level, flags, shadow| RuleStats {
            level,
            findings: flags + shadow,
            flags,
            shadow,
            ..RuleStats::default()
        };
        let rules = BTreeMap::from([
            (Arc::from("ask_age"), rule(Level::High, 2, 0)),
            (Arc::from("app"), rule(Level::Low, 1_200, 0)),
            (Arc::from("tried"), rule(Level::Low, 0, 7)),
        ]);
        let stats = BatchStats { events: 500_000, bytes: 1 << 20, lossy: 1, rules, ..BatchStats::default() };
        let total = Total { stats, bad_lines: 3, unreadable: 0 };
        let expected = "\
500,000 events (1.00 MiB) against 3 rules in 0.50 s: 1,000,000 events/s
3 lines could not be read as events
1 event held bytes or escapes that stand for no character and were read with U+FFFD
1,202 flags for moderators: 2 high, 1,200 low; 7 in shadow
         1,200  low            app
             7  low            tried  (shadow rule)
             2  high           ask_age
";
        assert_eq!(summary(&total, 3, Duration::from_millis(500)), expected);
    }

    #[test]
    fn flags_in_shadow_are_counted_apart() {
        let stats = |flags, shadow| {
            let rule = RuleStats { level: Level::Low, flags, shadow, ..RuleStats::default() };
            BatchStats { rules: BTreeMap::from([(Arc::from("app"), rule)]), ..BatchStats::default() }
        };
        let cases = [
            (0, 0, "0 flags"),
            (1, 0, "1 flag: 1 low"),
            (1, 2, "1 flag for moderators: 1 low; 2 in shadow"),
            (0, 2, "0 flags for moderators; 2 in shadow"),
        ];
        for (own, shadow, expected) in cases {
            assert_eq!(flags(&stats(own, shadow)), expected);
        }
    }
}
