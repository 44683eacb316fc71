//! What the demo says at its end: what the rules did, how the service did, and last, where it stays in view, what became of the cases.

use super::board::{Board, Count, per_second};
use super::paint::{Paint, fit, milliseconds};
use super::reckon::Reckoned;
use super::words;
use crate::backtest::Share;
use crate::backtest::report::Group;
use crate::backtest::words::{duration, thousands};
use crate::cli::rules::count;
use std::fmt::Write as _;
use std::time::Duration;

/// The summary, as lines that end in a line break. `time` is the time for which events were played.
pub(super) fn text(paint: Paint, board: &Board, reckoned: Option<&Reckoned>, time: Duration) -> String {
    let cases = reckoned.map(|reckoned| cases(paint, reckoned)).unwrap_or_default();
    let (service, rules) = (service(paint, board, time), rules(paint, board));
    format!("{}\n{rules}{service}{cases}", paint.bold("Summary"))
}

/// One line of the summary.
fn line(out: &mut String, paint: Paint, name: &str, value: &str) {
    // Writing to a String cannot fail.
    writeln!(out, "  {} {value}", paint.dim(&format!("{name:<14}"))).unwrap_or_default();
}

/// What became of the cases that labels tell of.
fn cases(paint: Paint, reckoned: &Reckoned) -> String {
    let (mut out, report) = ("\n".to_owned(), &reckoned.report);
    let Some(all) = report.all() else { return out };
    let mut line = |name: &str, value: String| line(&mut out, paint, name, &value);
    let days = report.trace.days;
    line("cases", format!("{} risky and {} harmless, in {days:.1} days", all.recall.of, all.wrong.of));
    if reckoned.untold > 0 {
        let untold = count(reckoned.untold, "case");
        line("not counted", format!("{untold} that had not come to an end when the playing did"));
    }
    line("found", format!("{} risky cases, by a flag of level {} or graver", of(all.recall), report.level));
    if all.recall.count > 0 {
        line("how early", early(all));
    }
    line("false", format!("{} harmless cases were flagged so", of(all.wrong)));
    for (place, missed) in report.missed.first.iter().enumerate() {
        let what = words::in_words(&missed.kind, &missed.language, &missed.style);
        line(if place == 0 { "not found" } else { "" }, what);
    }
    let further = report.missed.count.saturating_sub(report.missed.first.len() as u64);
    if further > 0 {
        line("", format!("and {} more", thousands(further)));
    }
    out
}

fn of(share: Share) -> String {
    format!("{} of {}", thousands(share.count), thousands(share.of))
}

/// How early cases were flagged, in time and in signs.
fn early(all: &Group) -> String {
    let mut parts = Vec::new();
    if all.early.of > 0 {
        parts.push(format!("{} before the moment of harm", of(all.early)));
    }
    if let Some(median) = all.delay.median_ms {
        parts.push(format!("half of them within {} of the first sign", duration(median)));
    }
    if let Some(signs) = all.delay.median_events.and_then(|signs| usize::try_from(signs).ok()) {
        parts.push(format!("{} later", count(signs, "labelled message")));
    }
    parts.join(", ")
}

/// How fast the service was, and what it wrote.
fn service(paint: Paint, board: &Board, time: Duration) -> String {
    let mut out = String::new();
    let rate = per_second(board.taken, time);
    let mut line = |name: &str, value: String| line(&mut out, paint, name, &value);
    line("events", format!("{} in {:.1} s, {rate:.0}/s", thousands(board.taken), time.as_secs_f64()));
    line(
        "flags",
        format!("{} for moderators, {} in shadow", thousands(board.flags()), thousands(board.shadow())),
    );
    line("dead letters", format!("{}{}", thousands(board.dead), reasons(board)));
    if let Some([median, most, longest]) = board.delays([0.5, 0.99, 1.0]) {
        let times = [median, most, longest].map(milliseconds);
        line("event to flag", format!("p50 {}, p99 {}, longest {}", times[0], times[1], times[2]));
    }
    if board.lag() + board.unread() > 0 {
        let missing = format!("{} events not judged, {} flags not read", board.lag(), board.unread());
        line("unfinished", paint.warning(&missing));
    }
    let levels = board.levels();
    if !levels.is_empty() {
        let levels: Vec<_> = levels
            .iter()
            .map(|(level, count)| paint.level(*level, &format!("{} {count}", level.name())))
            .collect();
        line("by level", levels.join(", "));
    }
    out
}

/// Why records could not be decoded, by the codes that dead letters bear.
fn reasons(board: &Board) -> String {
    let reasons: Vec<_> =
        board.undecoded.iter().map(|(code, count)| format!("{code} {}", thousands(*count))).collect();
    if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) }
}

/// Rules in the table.
const MOST_RULES: usize = 8;

/// The table of rules, the gravest first, then those with most flags; nothing if none fired.
fn rules(paint: Paint, board: &Board) -> String {
    if board.rules.is_empty() {
        return String::new();
    }
    let head = format!("  {:<28} {:<13} {:>7} {:>7}", "rule", "level", "flags", "shadow");
    let mut out = format!("{}\n", paint.dim(&head));
    let mut rules: Vec<_> = board.rules.iter().collect();
    rules.sort_by_key(|((level, _), count)| (*level, std::cmp::Reverse(count.flags)));
    let (shown, further) = rules.split_at(rules.len().min(MOST_RULES));
    for ((level, name), count) in shown {
        let level_name = paint.level(level.0, &format!("{:<13}", level.0.name()));
        writeln!(out, "  {} {level_name} {:>7} {:>7}", fit(name, 28), count.flags, count.shadow)
            .unwrap_or_default();
    }
    if !further.is_empty() {
        let sum = |of: fn(&Count) -> u64| further.iter().map(|(_, count)| of(count)).sum::<u64>();
        let (flags, shadow) = (sum(|count| count.flags), sum(|count| count.shadow));
        let name = format!("and {} more", further.len());
        writeln!(out, "  {name:<42} {flags:>7} {shadow:>7}").unwrap_or_default();
    }
    out + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::known::Known;
    use super::super::reckon::reckon;
    use super::super::shown::Shown;
    use super::*;
    use crate::backtest::Rule;
    use crate::flag::FlagId;
    use crate::rule::model::Level;
    use crate::truth::{CaseIndex, Reader};
    use std::sync::Arc;

    const PAINT: Paint = Paint { colour: false };
    const HOUR: i64 = 3_600_000;

    /// Two risky cases of which one is found an hour before harm, and two harmless ones of which the second goes on.
    const LABELS: &[&str] = &[
        r#"{"case":"1","risk":true,"kind":"gifts","language":"tl","style":"leet","events":2,"first_risk":"1970-01-01T01:00:00Z","harm":"1970-01-01T04:00:00Z"}"#,
        r#"{"case":"2","risk":true,"kind":"live","events":1,"first_risk":"1970-01-01T02:00:00Z"}"#,
        r#"{"case":"3","risk":false,"kind":"family","events":1}"#,
        r#"{"case":"4","risk":false,"kind":"family","events":9}"#,
        r#"{"event":"e1","case":"1","stage":"g1"}"#,
        r#"{"event":"e2","case":"1","stage":"g3"}"#,
    ];

    fn rule(name: &str, level: Level) -> Rule {
        let (id, title) = (name.to_owned(), String::new());
        Rule { id, name: name.into(), title, level, tags: Vec::new(), correlation: false }
    }

    fn board() -> Board {
        let mut reader = Reader::default();
        for line in LABELS {
            reader.line(line.as_bytes());
        }
        let truth = Arc::new(reader.finish().expect("labels"));
        let mut board = Board::new(Some(truth));
        for (case, hour) in [(0, 1), (1, 2), (2, 2), (0, 3), (3, 24)] {
            let known = Known { case: Some(CaseIndex(case)), time_ms: Some(hour * HOUR), resembles: None };
            board.cases.sent(known, Duration::ZERO);
        }
        (board.sent, board.dead) = (1_200, 2);
        board.undecoded = [("no_type_no_text", 1), ("unexpected_end", 1)].into();
        board.took(Duration::from_secs(3), 1_200, 6);
        let flags = [
            (Level::High, "b", false, "e2", 0, 3),
            (Level::High, "b", false, "e2", 0, 3),
            (Level::Low, "a", false, "e7", 2, 2),
            (Level::Low, "c", true, "e7", 1, 2),
        ];
        for (level, rule, shadow, event, case, hour) in flags {
            let shown = Shown {
                level,
                rule: rule.into(),
                flag_id: Some(FlagId::of_group(rule, event.as_bytes(), &[0; 16])),
                event: event.into(),
                case: Some(CaseIndex(case)),
                time_ms: hour * HOUR,
                ..Shown::default()
            };
            board.flag(shown, shadow, Some(Duration::from_millis(3)));
        }
        board
    }

    fn summary(reckoned: Option<&Reckoned>) -> String {
        text(PAINT, &board(), reckoned, Duration::from_secs(6))
    }

    const SERVICE: &str = "  events         1,200 in 6.0 s, 200/s
  flags          3 for moderators, 1 in shadow
  dead letters   2 (no_type_no_text 1, unexpected_end 1)
  event to flag  p50 3.0 ms, p99 3.0 ms, longest 3.0 ms
  by level       high 2, low 1
";
    const RULES: &str = "  rule                         level           flags  shadow
  b                            high                2       0
  a                            low                 1       0
  c                            low                 0       1

";

    #[test]
    fn without_labels_the_summary_tells_what_the_service_did() {
        assert_eq!(summary(None), format!("Summary\n{RULES}{SERVICE}"));
    }

    #[test]
    fn with_labels_it_tells_what_became_of_the_cases() {
        let rules = vec![rule("a", Level::Low), rule("b", Level::High), rule("c", Level::Low)];
        let told = summary(reckon(rules.clone(), &board(), true).as_ref());
        let expected = "
  cases          2 risky and 2 harmless, in 1.0 days
  found          1 of 2 risky cases, by a flag of level high or graver
  how early      1 of 1 before the moment of harm, half of them within 2 h of the first sign, 1 labelled message later
  false          0 of 2 harmless cases were flagged so
  not found      a young person is asked to go live for money
";
        assert_eq!(told, format!("Summary\n{RULES}{SERVICE}{expected}"));
        let told = summary(reckon(rules, &board(), false).as_ref());
        for part in [
            "cases          2 risky and 1 harmless, in 1.0 days\n",
            "not counted    1 case that had not come to an end when the playing did\n",
            "found          1 of 2 risky",
            "false          0 of 1 harmless",
        ] {
            assert!(told.contains(part), "{part} in\n{told}");
        }
    }
}
