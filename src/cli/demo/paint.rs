//! Colours, and what stands in for them where there are none.

use super::board::Board;
use super::shown::{Piece, Shown};
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
    pub(super) fn flag(self, shown: &Shown) -> String {
        let level = self.level(shown.level, &format!("{:<13}", shown.level.name()));
        let rule = fit(&shown.rule, 24);
        let who = self.dim(&fit(&shown.who, 17));
        format!("{level} {rule} {who} {}", self.pieces(&shown.what))
    }
}

/// The text in exactly `width` columns.
pub(super) fn fit(text: &str, width: usize) -> String {
    console::pad_str(text, width, console::Alignment::Left, Some("…")).into_owned()
}

/// A count with thin commas: `12,345`.
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Milliseconds with as many decimals as are worth reading.
pub(super) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    if milliseconds < 9.95 { format!("{milliseconds:.1} ms") } else { format!("{milliseconds:.0} ms") }
}

/// The figures of the moment, on one line.
pub(super) fn figures(board: &Board, time: Duration) -> String {
    let delay = match board.delays([0.5, 0.99]) {
        Some([median, most]) => {
            format!("event to flag p50 {}, p99 {}", milliseconds(median), milliseconds(most))
        }
        None => "no flag yet".to_owned(),
    };
    format!(
        "{:>4} s   {} events   {:.0}/s   lag {}   flags {}   shadow {}   dead letters {}   {delay}",
        time.as_secs(),
        thousands(board.taken),
        board.rate(),
        thousands(board.lag()),
        thousands(board.flags()),
        thousands(board.shadow()),
        thousands(board.dead),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let counts = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (count, expected) in counts {
            assert_eq!(thousands(count), expected);
        }
        let times = [(850, "0.8 ms"), (9_940, "9.9 ms"), (9_960, "10 ms"), (123_456, "123 ms")];
        for (microseconds, expected) in times {
            assert_eq!(milliseconds(Duration::from_micros(microseconds)), expected);
        }
    }

    #[test]
    fn without_colour_matches_stand_in_brackets() {
        let what =
            vec![Piece { text: "on ".into(), marked: false }, Piece { text: "AppOne".into(), marked: true }];
        let shown = Shown { level: Level::Low, rule: "move_app".into(), who: "u1 → u2".into(), what };
        let line = Paint { colour: false }.flag(&shown);
        assert_eq!(line, "low           move_app                 u1 → u2           on [AppOne]");
    }
}
