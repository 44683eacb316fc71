//! Colours, what stands in for them where there are none, and the lines that all displays share.

use super::CAUGHT;
use super::board::Board;
use super::cases::{Cases, LeftAlone};
use super::shown::{Piece, Shown, Step};
use super::words;
use crate::backtest::words::{duration, thousands};
use crate::cli::rules::count;
use crate::rule::model::Level;
use console::Style;
use std::time::Duration;

/// Whether to paint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint {
    pub(super) colour: bool,
}

impl Paint {
    fn style(self, style: Style, text: &str) -> String {
        style.force_styling(self.colour).apply_to(text).to_string()
    }

    /// A heading.
    pub(super) fn bold(self, text: &str) -> String {
        self.style(Style::new().bold(), text)
    }

    /// What is there for completeness.
    pub(super) fn dim(self, text: &str) -> String {
        self.style(Style::new().dim(), text)
    }

    /// What must not be overlooked.
    pub(super) fn warning(self, text: &str) -> String {
        self.style(Style::new().black().on_yellow(), text)
    }

    /// Text in the colour of a level.
    pub(super) fn level(self, level: Level, text: &str) -> String {
        let style = match level {
            Level::Critical => Style::new().red().bold().reverse(),
            Level::High => Style::new().red().bold(),
            Level::Medium => Style::new().yellow(),
            Level::Low => Style::new().cyan(),
            Level::Informational => Style::new().dim(),
        };
        self.style(style, text)
    }

    /// A text with its marked pieces in colour, or in brackets.
    pub(super) fn pieces(self, pieces: &[Piece]) -> String {
        let one = |piece: &Piece| match (piece.marked, self.colour) {
            (false, _) => piece.text.clone(),
            (true, true) => self.style(Style::new().yellow().bold().underlined(), &piece.text),
            (true, false) => format!("[{}]", piece.text),
        };
        pieces.iter().map(one).collect()
    }

    /// A flag on one line.
    pub(super) fn sign(self, shown: &Shown, cases: &Cases) -> String {
        let day = self.dim(&cases.day(shown.time_ms));
        let level = self.level(shown.level, &fit(shown.level.name(), 13));
        let (rule, who) = (fit(&shown.rule, 24), self.dim(&fit(&shown.who, 17)));
        format!("{day}  {level} {rule} {who} {}", self.pieces(&shown.what))
    }

    /// A flagged case: what it is, its steps, `most` of them at most, and what labels say of it.
    pub(super) fn case(self, shown: &Shown, cases: &Cases, most: usize) -> Vec<String> {
        let level = self.level(shown.level, &format!(" {} ", shown.level.name().to_uppercase()));
        let mut lines = vec![
            format!("{level} {}", self.bold(&shown.title)),
            self.dim(&format!("  {}  {}  by {}", cases.day(shown.time_ms), shown.who, shown.rule)),
        ];
        let (first, left_out, last) = ends(&shown.steps, most);
        lines.extend(first.iter().map(|step| self.step(step, cases)));
        let left_out = left_out as u64 + shown.omitted;
        if left_out > 0 {
            lines.push(self.dim(&format!("  … {left_out} more")));
        }
        lines.extend(last.iter().map(|step| self.step(step, cases)));
        lines.extend(truth(shown, cases).map(|text| format!("  ► {text}")));
        lines
    }

    fn step(self, step: &Step, cases: &Cases) -> String {
        let day = self.dim(&cases.day(step.time_ms));
        let (who, rules) = (fit(&step.who, 7), self.dim(&fit(&step.rules, 20)));
        format!("  {day}  {who} {rules} {}", self.pieces(&step.what))
    }
}

/// Indicators that a harmless case looks like, of those that are told.
const MOST_LIKE: usize = 3;

/// The first and the last of the steps, and how many are left out between them.
fn ends(steps: &[Step], most: usize) -> (&[Step], usize, &[Step]) {
    if steps.len() <= most {
        return (steps, 0, &[]);
    }
    // One line says how many are left out.
    let shown = most.saturating_sub(1);
    let (first, rest) = steps.split_at(shown / 2);
    let (middle, last) = rest.split_at(rest.len() - (shown - shown / 2));
    (first, middle.len(), last)
}

/// What labels say of a flag's case, and so of the flag, if it is one that catches.
fn truth(shown: &Shown, cases: &Cases) -> Option<String> {
    let case = cases.truth()?.case(shown.case?);
    let what = words::case(&case.label);
    let when = match case.harm_ms.map(|harm| harm - shown.time_ms) {
        Some(ahead @ 1..) => format!("{} before the moment of harm", duration(ahead)),
        Some(_) => "after the moment of harm".to_owned(),
        None => "rightly".to_owned(),
    };
    Some(match (case.label.risk, shown.level >= CAUGHT) {
        (true, true) => format!("in truth risky, flagged {when}: {what}"),
        (true, false) => format!("in truth risky, a sign {when}: {what}"),
        (false, true) => format!("in truth harmless, a false flag: {what}"),
        (false, false) => format!("in truth harmless: {what}"),
    })
}

/// A harmless case that was left alone, on one line.
pub(super) fn left_alone(left: &LeftAlone<'_>) -> String {
    let mut resembles: Vec<_> = left.resembles.iter().map(|name| words::indicator(name)).collect();
    resembles.dedup();
    if resembles.len() > MOST_LIKE {
        resembles.truncate(MOST_LIKE);
        resembles.push("…".to_owned());
    }
    let count = |number, what| count(usize::try_from(number).unwrap_or(usize::MAX), what);
    let signs = count(left.signs, "weak sign");
    let what = words::case(&left.case.label);
    format!("{what}: {}, {signs}; looks like {}", count(left.events, "event"), resembles.join(", "))
}

/// The text in exactly `width` columns.
pub(super) fn fit(text: &str, width: usize) -> String {
    console::pad_str(text, width, console::Alignment::Left, Some("…")).into_owned()
}

/// Milliseconds with as many decimals as are worth reading.
pub(super) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    if milliseconds < 9.95 { format!("{milliseconds:.1} ms") } else { format!("{milliseconds:.0} ms") }
}

/// Where the story is, and what was found so far.
pub(super) fn story(board: &Board) -> String {
    let day = board.cases.span_ms().map_or_else(|| "not begun".to_owned(), |(_, now)| board.cases.day(now));
    let begun = match board.cases.truth() {
        Some(_) => format!("cases {} begun, ", thousands(board.cases.begun() as u64)),
        None => "cases ".to_owned(),
    };
    format!(
        "{day}   {begun}{} flagged   weak signs {}   dead letters {}",
        thousands(board.cases.caught() as u64),
        thousands(board.signs()),
        thousands(board.dead),
    )
}

/// How fast it goes.
pub(super) fn figures(board: &Board, time: Duration) -> String {
    let delay = match board.delays([0.5, 0.99]) {
        Some([median, most]) => {
            format!("event to flag p50 {}, p99 {}", milliseconds(median), milliseconds(most))
        }
        None => "no flag yet".to_owned(),
    };
    format!(
        "{} s  {} events  {:.0}/s  lag {}  {delay}",
        time.as_secs(),
        thousands(board.taken),
        board.rate(),
        thousands(board.lag()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::known::Known;
    use super::*;
    use crate::truth::{CaseIndex, Reader};
    use std::sync::Arc;

    fn cases(label: &str) -> Cases {
        let mut reader = Reader::default();
        reader.line(label.as_bytes());
        let mut cases = Cases::new(Some(Arc::new(reader.finish().expect("a label"))));
        cases.sent(Known { time_ms: Some(0), ..Known::default() }, Duration::ZERO);
        cases
    }

    fn piece(text: &str, marked: bool) -> Piece {
        Piece { text: text.into(), marked }
    }

    fn shown() -> Shown {
        let what = vec![piece("on ", false), piece("AppOne", true)];
        let step = |hour: i64, rules: &str| Step {
            time_ms: hour * 3_600_000,
            who: "u1".into(),
            rules: rules.into(),
            what: what.clone(),
        };
        Shown {
            level: Level::High,
            rule: "sequence".into(),
            title: "Asks, then moves".into(),
            who: "u1 → u2".into(),
            time_ms: 45 * 3_600_000,
            steps: vec![step(1, "a"), step(2, "b, c"), step(25, "a"), step(45, "move_app")],
            case: Some(CaseIndex(0)),
            what,
            ..Shown::default()
        }
    }

    const PAINT: Paint = Paint { colour: false };

    #[test]
    fn times_are_readable() {
        let times = [(850, "0.8 ms"), (9_940, "9.9 ms"), (9_960, "10 ms"), (123_456, "123 ms")];
        for (microseconds, expected) in times {
            assert_eq!(milliseconds(Duration::from_micros(microseconds)), expected);
        }
    }

    #[test]
    fn without_colour_matches_stand_in_brackets() {
        let shown = Shown { level: Level::Low, rule: "move_app".into(), steps: Vec::new(), ..shown() };
        let line = PAINT.sign(&shown, &cases(r#"{"case":"1","risk":false}"#));
        let expected = "day 2, 21:00  low           move_app                 u1 → u2           on [AppOne]";
        assert_eq!(line, expected);
    }

    #[test]
    fn a_case_is_told_with_its_steps_and_what_labels_say() {
        let label =
            r#"{"case":"1","risk":true,"kind":"stranger","language":"ceb","harm":"1970-01-03T00:00:00Z"}"#;
        let lines = PAINT.case(&shown(), &cases(label), 3);
        let expected = [
            " HIGH  Asks, then moves",
            "  day 2, 21:00  u1 → u2  by sequence",
            "  day 1, 01:00  u1      a                    on [AppOne]",
            "  … 2 more",
            "  day 2, 21:00  u1      move_app             on [AppOne]",
            "  ► in truth risky, flagged 3 h before the moment of harm: a stranger befriends a young person (Cebuano)",
        ];
        assert_eq!(lines, expected);
        let label = r#"{"case":"1","risk":false,"kind":"tutoring"}"#;
        let lines = PAINT.case(&shown(), &cases(label), 9);
        assert_eq!(lines.len(), 7);
        assert_eq!(lines[6], "  ► in truth harmless, a false flag: tutoring");
    }

    #[test]
    fn of_many_steps_the_ends_are_shown() {
        let steps = shown().steps;
        for (most, expected) in
            [(0, (0, 4, 0)), (1, (0, 4, 0)), (2, (0, 3, 1)), (3, (1, 2, 1)), (4, (4, 0, 0))]
        {
            let (first, left_out, last) = ends(&steps, most);
            assert_eq!((first.len(), left_out, last.len()), expected, "{most}");
        }
    }
}
