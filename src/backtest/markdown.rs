//! The report as Markdown: for a terminal, and for a pull request.

use super::gate::{Gate, Verdict};
use super::report::{
    Group, IndicatorRow, LevelRow, Listed, Missed, Report, RuleRow, Shadow, Threshold, Within, Wrong,
};
use super::words::{self, CAUTION, number, thousands};
use crate::text::visible;

/// The whole report.
pub fn text(report: &Report, gates: &[(Gate, Verdict)]) -> String {
    let mut out = String::from("# Backtest\n\n");
    let mut add = |part: String| out.push_str(&part);
    add(summary(report));
    add(conditions(gates));
    add(groups(&report.groups));
    add(within(&report.within));
    add(thresholds(report.level, &report.thresholds));
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
    let lines = words::trace(&report.trace).into_iter();
    let headlines =
        words::headlines(report).into_iter().map(|line| format!("* {}: {}", line.about, line.text()));
    lines.chain([String::new()]).chain(headlines).map(|line| line + "\n").collect()
}

fn conditions(gates: &[(Gate, Verdict)]) -> String {
    if gates.is_empty() {
        return String::new();
    }
    let rows = gates.iter().map(|(gate, verdict)| {
        vec![
            format!("`{gate}`"),
            words::value(verdict),
            if verdict.met { "met" } else { "**not met**" }.to_owned(),
        ]
    });
    section("Conditions", &["condition", "is", ""], rows)
}

fn groups(groups: &[Group]) -> String {
    let rows = groups.iter().map(|group| {
        vec![
            words::by(group.by).to_owned(),
            group.name.clone(),
            group.recall.text(),
            group.early.text(),
            words::delay(&group.delay),
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

fn within(points: &[Within]) -> String {
    let rows = points.iter().map(|point| vec![words::within(point), point.caught.text()]);
    section("Caught within", &["after the first risky event", "caught"], rows)
}

fn thresholds(level: &str, thresholds: &[Threshold]) -> String {
    let rows = thresholds.iter().map(|row| {
        let asked = if row.level == level { " (as asked)" } else { "" };
        vec![
            words::or_graver(row) + asked,
            row.recall.text(),
            row.early.text(),
            words::delay(&row.delay),
            row.wrong.text(),
            row.precision.text(),
            number(row.per_day),
        ]
    });
    let head = [
        "if these flags caught",
        "caught",
        "before harm",
        "after the first sign",
        "wrongly flagged",
        "flags right",
        "flags a day",
    ];
    section("Other levels", &head, rows)
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
    section(&words::title("Missed cases", missed), &head, rows)
}

fn wrong(wrong: &Listed<Wrong>) -> String {
    let rows = wrong.first.iter().map(|case| {
        let flags = case.flags.iter().map(|flag| {
            format!("{} ({}) at {}: {}", flag.rule, flag.level, flag.event, flag.excerpts.join(" · "))
        });
        let flags = flags.collect::<Vec<_>>().join("; ");
        vec![case.case.clone(), case.kind.clone(), case.language.clone(), flags]
    });
    section(&words::title("Wrongly flagged cases", wrong), &["case", "kind", "language", "flags"], rows)
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
    let visible = visible(cell);
    let mut text = String::with_capacity(visible.len());
    let mut characters = visible.chars().peekable();
    while let Some(character) = characters.next() {
        // `<` before anything else is just that, and reads better without.
        let opens = |next: &char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?');
        let is_markup = match character {
            '|' | '[' | '\\' => true,
            '<' => characters.peek().is_some_and(opens),
            _ => false,
        };
        if is_markup {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_cell_holds_what_others_wrote() {
        let cases = [
            ("a|b", "a\\|b"),
            ("a\\|b", "a\\\\\\|b"),
            ("<b>x</b>", "\\<b>x\\</b>"),
            ("recall(case) <= 0.1, 1 < 2 <", "recall(case) <= 0.1, 1 < 2 <"),
            ("![x](y)\n\u{202e}", "!\\[x](y) ‹U+202E›"),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text), expected);
        }
    }
}
