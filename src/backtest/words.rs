//! A report in words: what the forms for people have in common, so that a figure reads the same in all of them.

use super::Share;
use super::gate::Verdict;
use super::report::{By, Delay, Listed, Report, Threshold, Trace, Within};

/// What must be said wherever such figures are shown.
pub const CAUTION: &str = "Figures on a made-up trace show what rules and correlations do together. They say nothing about how often a flag is \
     right in life: measure that on your own platform, with people who judge.";

/// A figure that most readers want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// What it tells.
    pub about: String,
    /// The figure itself.
    pub value: String,
    /// What it is made of.
    pub detail: Option<String>,
}

impl Headline {
    fn share(about: String, share: Share) -> Headline {
        Headline { about, value: share.percent(), detail: share.made_of() }
    }

    /// The figure, with what it is made of behind it.
    pub fn text(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.value),
            None => self.value.clone(),
        }
    }
}

/// What was read, in a few sentences.
pub fn trace(trace: &Trace) -> Vec<String> {
    let mut lines = vec![format!(
        "{} events in {:.1} days: {} cases that should be flagged, {} that should not.",
        thousands(trace.events),
        trace.days,
        thousands(trace.risky),
        thousands(trace.benign)
    )];
    if trace.unreadable > 0 {
        lines.push(format!("{} could not be read.", count(trace.unreadable, "line")));
    }
    if trace.unlabelled_flags > 0 {
        let flags = count(trace.unlabelled_flags, "flag");
        lines.push(format!(
            "{flags} in events of which no label tells, counted neither as right nor as wrong."
        ));
    }
    lines
}

/// What most readers want to know.
pub fn headlines(report: &Report) -> Vec<Headline> {
    let Some(all) = report.all() else { return Vec::new() };
    let level = report.level;
    let [value, detail] = delay_parts(&all.delay);
    vec![
        Headline::share(format!("caught by a flag of level {level} or graver"), all.recall),
        Headline::share("of these before the moment of harm".to_owned(), all.early),
        Headline {
            about: "from the first risky event to the first flag".to_owned(),
            value: value.unwrap_or_else(|| "–".to_owned()),
            detail,
        },
        Headline::share("wrongly flagged cases".to_owned(), all.wrong),
        Headline::share("flags of that level that are right".to_owned(), all.precision),
        workload(report),
    ]
}

/// What reviewers would have to read.
fn workload(report: &Report) -> Headline {
    let about = "to be read".to_owned();
    let flags: u64 = report.levels.iter().map(|row| row.flags).sum();
    let a_day = |level: &str| report.thresholds.iter().find(|row| row.level == level)?.per_day;
    match (a_day("informational"), a_day("high")) {
        (Some(all), Some(grave)) => Headline {
            about,
            value: format!("{} flags a day", number(Some(all))),
            detail: Some(format!("of them {} high or critical", number(Some(grave)))),
        },
        _ => Headline { about, value: format!("{} in all", count(flags, "flag")), detail: None },
    }
}

/// From the first risky event to the first flag: `median 40 s (nine of ten 2 min; 3 events of the case)`.
pub fn delay(delay: &Delay) -> String {
    match delay_parts(delay) {
        [Some(median), Some(detail)] => format!("{median} ({detail})"),
        [median, _] => median.unwrap_or_else(|| "–".to_owned()),
    }
}

/// The median, and the rest.
fn delay_parts(delay: &Delay) -> [Option<String>; 2] {
    let p90 = delay.p90_ms.map(|p90| format!("nine of ten {}", duration(p90)));
    let events = delay.median_events.map(|events| format!("{} of the case", signed(events, "event")));
    let details: Vec<_> = p90.into_iter().chain(events).collect();
    let median = delay.median_ms.map(|median| format!("median {}", duration(median)));
    [median, (!details.is_empty()).then(|| details.join("; "))]
}

/// What a group has in common.
pub fn by(by: By) -> &'static str {
    match by {
        By::All => "all",
        By::Kind => "kind",
        By::Language => "language",
        By::Style => "style",
    }
}

/// `1 h`, or `at any time`.
pub fn within(within: &Within) -> String {
    within.within_ms.map_or_else(|| "at any time".to_owned(), duration)
}

/// `high or graver`.
pub fn or_graver(threshold: &Threshold) -> String {
    match threshold.level {
        "critical" => "critical".to_owned(),
        level => format!("{level} or graver"),
    }
}

/// The figure that a condition is about.
pub fn value(verdict: &Verdict) -> String {
    verdict.value.map_or_else(|| "nothing to count".to_owned(), |value| format!("{value:.4}"))
}

/// A heading over some of several: `Missed cases: 1,234, of which 20`.
pub fn title<T>(name: &str, listed: &Listed<T>) -> String {
    let shown = listed.first.len() as u64;
    let all = thousands(listed.count);
    if shown < listed.count { format!("{name}: {all}, of which {shown}") } else { format!("{name}: {all}") }
}

/// A rate or the like, or `–`.
pub fn number(number: Option<f64>) -> String {
    match number {
        None => "–".to_owned(),
        Some(number) if number < 10.0 => format!("{number:.1}"),
        Some(number) => thousands(whole(number)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are positive, and far below 2^64"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// `1 event`, `1,234 events`.
pub fn count(number: u64, of: &str) -> String {
    format!("{} {of}{}", thousands(number), if number == 1 { "" } else { "s" })
}

fn signed(number: i64, of: &str) -> String {
    let sign = if number < 0 { "-" } else { "" };
    [sign, &count(number.unsigned_abs(), of)].concat()
}

/// `1,234`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Milliseconds as people say them: `3 min 20 s`, `2 h 5 min`, `4 d 1 h`.
pub fn duration(ms: i64) -> String {
    let seconds = ms / 1000;
    let two = |one: i64, name: &str, other: i64, second: &str| {
        if other == 0 { format!("{one} {name}") } else { format!("{one} {name} {other} {second}") }
    };
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// The same number for reckoning.
#[expect(clippy::cast_precision_loss, reason = "a delay of more than 2^53 ms is none the worse")]
pub(super) fn exact(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_as_people_say_them() {
        for (ms, said) in [
            (999, "0 s"),
            (200_000, "3 min 20 s"),
            (7_500_000, "2 h 5 min"),
            (86_400_000, "1 d"),
            (349_200_000, "4 d 1 h"),
        ] {
            assert_eq!(duration(ms), said);
        }
        for (count, said) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(count), said);
        }
        assert_eq!([None, Some(0.25), Some(12.3), Some(15_230.4)].map(number), ["–", "0.2", "12", "15,230"]);
    }

    #[test]
    fn a_delay_says_what_is_known() {
        let all = Delay { median_ms: Some(40_000), p90_ms: Some(120_000), median_events: Some(1) };
        assert_eq!(delay(&all), "median 40 s (nine of ten 2 min; 1 event of the case)");
        assert_eq!(delay(&Delay { median_events: None, p90_ms: None, ..all }), "median 40 s");
        assert_eq!(delay(&Delay::default()), "–");
    }
}
