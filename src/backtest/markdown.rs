//! The report as Markdown: for a terminal, and for a pull request.

use super::gate::{Gate, Verdict};
use super::report::{By, Group, IndicatorRow, LevelRow, Listed, Missed, Report, RuleRow, Shadow, Wrong};
use std::fmt::Write as _;

/// What must be said wherever such figures are shown.
pub const CAUTION: &str = "Figures on a made-up trace show what rules and correlations do together. They say nothing about how often a flag is \
     right in life: measure that on your own platform, with people who judge.";

/// The whole report.
pub fn text(report: &Report, gates: &[(Gate, Verdict)]) -> String {
    let mut out = String::from("# Backtest\n\n");
    let mut add = |part: String| out.push_str(&part);
    add(summary(report));
    add(conditions(gates));
    add(groups(&report.groups));
    add(levels(&report.levels));
    add(indicators(&report.indicators));
    add(rules(&report.rules));
    add(report.shadow.as_ref().map(shadow).unwrap_or_default());
    add(missed(&report.missed));
    add(wrong(&report.wrong));
    out.push_str(&["\n> ", CAUTION, "\n"].concat());
    out
}

/// The summary and the conditions alone.
pub fn brief(report: &Report, gates: &[(Gate, Verdict)]) -> String {
    [summary(report), conditions(gates)].concat()
}

/// The first lines: what most readers want to know.
pub fn summary(report: &Report) -> String {
    let trace = &report.trace;
    let mut out = format!(
        "{} events in {:.1} days: {} cases that should be flagged, {} that should not.\n",
        thousands(trace.events),
        trace.days,
        thousands(trace.risky),
        thousands(trace.benign)
    );
    if trace.unreadable > 0 {
        writeln!(out, "{} lines could not be read as events.", thousands(trace.unreadable))
            .unwrap_or_default();
    }
    if trace.unlabelled_flags > 0 {
        let flags = thousands(trace.unlabelled_flags);
        writeln!(out, "{flags} flags lie in events of which no label tells.").unwrap_or_default();
    }
    let Some(all) = report.all() else { return out };
    let level = report.level;
    let lines = [
        format!("caught by a flag of level {level} or graver: {}", all.recall.text()),
        format!("of these before the moment of harm: {}", all.early.text()),
        format!("from the first risky event to the first flag: {}", delay(all)),
        format!("wrongly flagged cases: {}", all.wrong.text()),
        format!("flags of that level that are right: {}", all.precision.text()),
        format!("to be read: {}", workload(&report.levels)),
    ];
    for line in lines {
        writeln!(out, "* {line}").unwrap_or_default();
    }
    out
}

fn delay(group: &Group) -> String {
    let delay = &group.delay;
    let Some(median) = delay.median_ms else { return "–".to_owned() };
    let p90 = delay.p90_ms.map(|p90| format!(", nine of ten {}", duration(p90))).unwrap_or_default();
    let events =
        delay.median_events.map(|events| format!(", {events} events of the case")).unwrap_or_default();
    format!("median {}{events}{p90}", duration(median))
}

fn workload(levels: &[LevelRow]) -> String {
    let flags: u64 = levels.iter().map(|row| row.flags).sum();
    let Some(a_day) = levels.iter().map(|row| row.per_day).sum::<Option<f64>>() else {
        return format!("{} flags in all", thousands(flags));
    };
    let grave = levels.iter().filter(|row| matches!(row.level, "high" | "critical"));
    let grave: f64 = grave.filter_map(|row| row.per_day).sum();
    format!("{a_day:.0} flags a day, of them {grave:.0} high or critical")
}

fn conditions(gates: &[(Gate, Verdict)]) -> String {
    if gates.is_empty() {
        return String::new();
    }
    let rows = gates.iter().map(|(gate, verdict)| {
        let value =
            verdict.value.map_or_else(|| "nothing to count".to_owned(), |value| format!("{value:.4}"));
        vec![format!("`{gate}`"), value, if verdict.met { "met" } else { "**not met**" }.to_owned()]
    });
    section("Conditions", &["condition", "is", ""], rows)
}

fn groups(groups: &[Group]) -> String {
    let rows = groups.iter().map(|group| {
        vec![
            by(group).to_owned(),
            group.name.clone(),
            group.recall.text(),
            group.early.text(),
            delay(group),
            group.wrong.text(),
            group.precision.text(),
            number(group.per_million),
        ]
    });
    let head = [
        "by",
        "",
        "caught",
        "before harm",
        "after the first sign",
        "wrongly flagged",
        "flags right",
        "flags a million",
    ];
    section("Cases", &head, rows)
}

/// What a group has in common, in words.
pub fn by(group: &Group) -> &'static str {
    match group.by {
        By::All => "all",
        By::Kind => "kind",
        By::Language => "language",
        By::Style => "style",
    }
}

fn levels(levels: &[LevelRow]) -> String {
    let rows = levels.iter().map(|row| {
        vec![
            row.level.to_owned(),
            thousands(row.flags),
            row.precision.text(),
            number(row.per_million),
            number(row.per_day),
        ]
    });
    section("Flags by level", &["level", "flags", "right", "a million events", "a day"], rows)
}

fn indicators(indicators: &[IndicatorRow]) -> String {
    let rows = indicators.iter().map(|row| {
        vec![row.indicator.clone(), row.recall.text(), row.recall_by_any.text(), row.resembling.text()]
    });
    let head = ["indicator", "labelled events found", "by any rule", "look-alikes found"];
    section("Indicators", &head, rows)
}

fn rules(rules: &[RuleRow]) -> String {
    let rows = rules.iter().map(|row| {
        vec![
            row.name.clone(),
            row.level.to_owned(),
            row.outlet.unwrap_or("–").to_owned(),
            thousands(row.found),
            row.right.text(),
            number(row.per_million),
            thousands(row.risky_cases),
            thousands(row.benign_cases),
            thousands(row.alone),
        ]
    });
    let head = [
        "rule",
        "level",
        "to",
        "found",
        "in risky cases",
        "a million events",
        "risky",
        "benign",
        "catches alone",
    ];
    section("Rules", &head, rows)
}

fn shadow(shadow: &Shadow) -> String {
    let head = ["rule in shadow", "level", "flags", "right", "newly caught", "newly wrong"];
    let rows = shadow.rules.iter().map(|row| {
        vec![
            row.rule.clone(),
            row.level.to_owned(),
            thousands(row.flags),
            row.right.text(),
            thousands(row.caught),
            thousands(row.wrong),
        ]
    });
    let compared = format!(
        "\nLive rules catch {} and wrongly flag {}; with those in shadow it would be {} and {}.\n",
        shadow.live_recall.text(),
        shadow.live_wrong.text(),
        shadow.both_recall.text(),
        shadow.both_wrong.text()
    );
    section("Shadow", &head, rows) + &compared
}

fn missed(missed: &Listed<Missed>) -> String {
    let rows = missed.first.iter().map(|case| {
        let signs = case.signs.iter().map(|sign| {
            let found: Vec<_> = sign.found.iter().map(String::as_str).collect();
            let found = if found.is_empty() { "–".to_owned() } else { found.join(" ") };
            format!("{} {}: {found}", sign.event, sign.indicator)
        });
        let signs = signs.collect::<Vec<_>>().join("; ");
        vec![
            case.case.clone(),
            case.kind.clone(),
            case.language.clone(),
            case.style.clone(),
            case.why.clone(),
            signs,
        ]
    });
    let head = ["case", "kind", "language", "style", "why", "what was there"];
    section(&title("Missed cases", missed), &head, rows)
}

fn wrong(wrong: &Listed<Wrong>) -> String {
    let rows = wrong.first.iter().map(|case| {
        let flags = case.flags.iter().map(|flag| {
            format!("{} ({}) at {}: {}", flag.rule, flag.level, flag.event, flag.excerpts.join(" · "))
        });
        let flags = flags.collect::<Vec<_>>().join("; ");
        vec![case.case.clone(), case.kind.clone(), case.language.clone(), flags]
    });
    section(&title("Wrongly flagged cases", wrong), &["case", "kind", "language", "flags"], rows)
}

fn title<T>(name: &str, listed: &Listed<T>) -> String {
    let shown = listed.first.len() as u64;
    let count = thousands(listed.count);
    if shown < listed.count {
        format!("{name}: {count}, of which {shown}")
    } else {
        format!("{name}: {count}")
    }
}

/// A heading and a table; nothing without rows.
pub(crate) fn section(title: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let rows: Vec<_> = rows.map(|cells| line(cells.iter().map(|cell| escaped(cell)))).collect();
    if rows.is_empty() {
        return String::new();
    }
    let head_line = line(head.iter().map(|cell| (*cell).to_owned()));
    let rule = line(head.iter().map(|_| "---".to_owned()));
    format!("\n## {title}\n\n{head_line}{rule}{}", rows.concat())
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// A cell's text, without what would end the cell, the line or become markup.
pub(crate) fn escaped(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    for character in cell.chars() {
        match character {
            '|' | '<' | '[' => text.extend(['\\', character]),
            control if control.is_control() => text.push(' '),
            other => text.push(other),
        }
    }
    text
}

fn number(number: Option<f64>) -> String {
    number.map_or_else(
        || "–".to_owned(),
        |number| if number < 10.0 { format!("{number:.1}") } else { format!("{number:.0}") },
    )
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

#[expect(clippy::cast_precision_loss, reason = "a delay of more than 2^53 ms is none the worse")]
pub(super) fn exact(number: i64) -> f64 {
    number as f64
}
