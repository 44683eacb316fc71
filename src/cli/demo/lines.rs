//! The display where there is no terminal: lines that come one after the other, few enough to be read.
//!
//! A flagged case is a block with its steps, once; further flags of it are a line each, if they are no graver. Weak signs are a line
//! each as well, but only some between two lines of figures. Beside the figures stands a harmless case that was left alone.

use super::board::Board;
use super::paint::{Paint, figures, left_alone, story};
use crate::cli::rules::count;
use crate::flag::CaseId;
use crate::rule::model::Level;
use crate::truth::CaseIndex;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// Time between two lines of figures.
const FIGURES_EVERY: Duration = Duration::from_secs(5);
/// Weak signs told between two lines of figures.
const SIGNS: u64 = 4;
/// Steps of a case that are shown.
const STEPS: usize = 8;
const PAINT: Paint = Paint { colour: false };

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// How many lines of figures.
    figures: u32,
    /// How many flags for reviewers.
    flags: u64,
    /// Since the last figures, how many signs, and how many were not told.
    signs: u64,
    untold: u64,
    /// Cases that were told in a block, and how grave they were.
    cases: BTreeMap<CaseId, Level>,
    /// The last line is an empty one.
    apart: bool,
    /// The harmless case that was told last.
    left_alone: Option<CaseIndex>,
}

impl Lines {
    /// What is new on the board.
    pub(super) fn news(&mut self, board: &Board, time: Duration) -> String {
        let mut text = String::new();
        let new = board.flags() - self.flags;
        self.flags += new;
        let known = usize::try_from(new).unwrap_or(usize::MAX).min(board.latest.len());
        // There were more between two looks than are kept.
        self.untold += new - known as u64;
        for shown in board.latest.iter().take(known).rev() {
            let told = shown.case_id.and_then(|case| self.cases.get(&case));
            let is_new = told.is_none_or(|level| *level < shown.level);
            if shown.is_case() && is_new {
                self.cases.extend(shown.case_id.map(|case| (case, shown.level)));
                let lines = PAINT.case(shown, &board.cases, STEPS);
                let before = if self.apart { "" } else { "\n" };
                write(&mut text, format_args!("{before}{}\n", lines.join("\n")));
                self.apart = true;
            } else if self.signs < SIGNS {
                self.signs += 1;
                self.apart = false;
                write(&mut text, format_args!("  {}", PAINT.sign(shown, &board.cases)));
            } else {
                self.untold += 1;
            }
        }
        if time >= FIGURES_EVERY * (self.figures + 1) {
            self.figures += 1;
            self.apart = false;
            self.figures(board, time, &mut text);
        }
        text
    }

    fn figures(&mut self, board: &Board, time: Duration, text: &mut String) {
        if self.untold > 0 {
            let untold = usize::try_from(self.untold).unwrap_or(usize::MAX);
            write(text, format_args!("  and {} more", count(untold, "weak sign")));
        }
        (self.signs, self.untold) = (0, 0);
        if let Some(left) = board.cases.left_alone(time).next()
            && self.left_alone.replace(left.index) != Some(left.index)
        {
            write(text, format_args!("  left alone: {}", left_alone(&left)));
        }
        write(text, format_args!("── {}   ({})", story(board), figures(board, time)));
    }
}

/// A line; writing to a String cannot fail.
fn write(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::super::known::Known;
    use super::super::shown::{Shown, Step};
    use super::*;

    fn board() -> Board {
        let mut board = Board::default();
        board.cases.sent(Known { time_ms: Some(0), ..Known::default() }, Duration::ZERO);
        board
    }

    fn sign() -> Shown {
        Shown { rule: "weak".into(), ..Shown::default() }
    }

    fn case(level: Level) -> Shown {
        let case_id = Some(CaseId::of_group(b"one"));
        Shown { level, rule: "grave".into(), steps: vec![Step::default()], case_id, ..Shown::default() }
    }

    #[test]
    fn some_signs_are_told_and_the_others_counted() {
        let (mut board, mut lines) = (board(), Lines::default());
        assert_eq!(lines.news(&board, Duration::ZERO), "");
        (0..7).for_each(|_| board.flag(sign(), false, None));
        board.flag(sign(), true, None);
        let text = lines.news(&board, Duration::from_secs(1));
        assert_eq!(text.matches("weak").count(), 4, "{text}");
        let text = lines.news(&board, Duration::from_secs(5));
        assert!(text.starts_with("  and 3 weak signs more\n── day 1, 00:00   "), "{text}");
        assert_eq!(lines.news(&board, Duration::from_secs(6)), "");
        board.flag(sign(), false, None);
        assert_eq!(lines.news(&board, Duration::from_secs(7)).matches("weak").count(), 1);
    }

    #[test]
    fn a_case_is_told_in_full_once_and_when_it_becomes_graver() {
        let (mut board, mut lines) = (board(), Lines::default());
        for (level, count) in [(Level::High, 4), (Level::High, 1), (Level::Critical, 4), (Level::High, 1)] {
            board.flag(case(level), false, None);
            let text = lines.news(&board, Duration::ZERO);
            assert_eq!(text.trim_end().lines().count(), count, "{text}");
        }
    }
}
