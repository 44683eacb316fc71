//! The live display: a block of lines at the foot of the terminal, written anew ten times a second.
//!
//! Not the alternate screen: what was seen last stays there when the demo ends. The lines are made by a pure
//! function of the board and the terminal's size; one write brings them out, so that nothing flickers.
//!
//! From top to bottom: what this is, where the story is and how fast it goes, the latest flagged cases with their steps, the weak
//! signs by rule, and the harmless cases that were left alone. The cases get what room the others leave.

use super::Banner;
use super::CAUGHT;
use super::board::{Board, Count, RuleKey};
use super::paint::{Paint, figures, fit, left_alone, story};
use console::Term;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

/// Widest display.
const WIDEST: usize = 140;
/// Rules shown at most.
const RULES: usize = 8;
/// Harmless cases shown at most.
const LEFT_ALONE: usize = 5;
/// Steps of a case shown at most, if there is room.
const STEPS: usize = 12;
/// Columns of the longest bar.
const BAR: u64 = 24;

/// A terminal with the block of lines that stands on it.
pub(super) struct Screen {
    term: Term,
    lines: usize,
}

impl Screen {
    /// On standard output, cursor hidden.
    pub(super) fn open() -> io::Result<Screen> {
        let term = Term::stdout();
        term.hide_cursor()?;
        Ok(Screen { term, lines: 0 })
    }

    /// Replaces the block.
    pub(super) fn draw(&mut self, banner: &Banner, board: &Board, time: Duration) -> io::Result<()> {
        let (height, width) = self.term.size();
        let size = (usize::from(width).min(WIDEST), usize::from(height));
        let lines = lines(Paint { colour: console::colors_enabled() }, banner, board, time, size);
        let mut out = String::new();
        if self.lines > 0 {
            // Up to the block's first line; each line then erases what it does not cover.
            write!(out, "\x1b[{}A\r", self.lines).unwrap_or_default();
        }
        for line in &lines {
            out.push_str(line);
            out.push_str("\x1b[K\n");
        }
        out.push_str("\x1b[J");
        self.lines = lines.len();
        self.term.write_str(&out)?;
        self.term.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // The terminal may be gone; then nobody misses the cursor.
        drop(self.term.show_cursor());
    }
}

/// The block's lines, none wider than the terminal, and fewer than it is high.
fn lines(
    paint: Paint,
    banner: &Banner,
    board: &Board,
    time: Duration,
    (width, height): (usize, usize),
) -> Vec<String> {
    let mut lines = banner.lines(paint, height < TALL);
    lines.push(String::new());
    lines.push(paint.bold(&story(board)));
    lines.push(paint.dim(&figures(board, time)));
    let room = height.saturating_sub(lines.len() + 1);
    let signs = section(paint, "weak signs by rule", rules(paint, board, (room / 6).min(RULES)));
    let alone = board.cases.left_alone(time).take((room / 8).min(LEFT_ALONE));
    let alone = alone.map(|left| left_alone(&left)).collect();
    let alone = section(paint, "harmless, and left alone", alone);
    let room = room.saturating_sub(signs.len() + alone.len());
    lines.extend(section(
        paint,
        "flagged for moderators, the words that told marked",
        cases(paint, board, room),
    ));
    lines.extend(signs.into_iter().chain(alone));
    lines.truncate(height.saturating_sub(1));
    lines.iter().map(|line| console::truncate_str(line, width.saturating_sub(1), "…").into_owned()).collect()
}

/// Lines below their heading and an empty line; nothing without lines.
fn section(paint: Paint, heading: &str, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return lines;
    }
    [vec![String::new(), paint.dim(heading)], lines].concat()
}

/// From this height on there is room for all that the banner says.
const TALL: usize = 36;

/// The latest flagged cases, as many as `room` is left for with the heading; of the latest at least a part.
fn cases(paint: Paint, board: &Board, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = room.saturating_sub(2);
    for shown in board.cases.shown() {
        // Title, place and what labels say take three.
        let steps = room.saturating_sub(3).min(STEPS);
        if !lines.is_empty() && steps < shown.steps.len().min(3) {
            break;
        }
        let case = paint.case(shown, &board.cases, steps);
        room = room.saturating_sub(case.len());
        lines.extend(case);
    }
    lines
}

/// A line for each of the rules with the most weak signs, the gravest first, with a bar.
fn rules(paint: Paint, board: &Board, most: usize) -> Vec<String> {
    let weak = |(key, count): &(&RuleKey, &Count)| key.0.0 < CAUGHT && count.flags > 0;
    let mut published: Vec<(&RuleKey, &Count)> = board.rules.iter().filter(weak).collect();
    published.sort_by_key(|(_, count)| std::cmp::Reverse(count.flags));
    published.truncate(most);
    let greatest = published.first().map_or(1, |(_, count)| count.flags);
    let one = |((level, name), count): &(&RuleKey, &Count)| {
        let length = usize::try_from((count.flags * BAR).div_ceil(greatest)).unwrap_or(0);
        let level_name = paint.level(level.0, &fit(level.0.name(), 13));
        let bar = paint.level(level.0, &"▇".repeat(length));
        format!("{level_name} {} {:>5}  {bar}", fit(name, 24), count.flags)
    };
    published.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::known::Known;
    use super::super::shown::{Piece, Shown, Step};
    use super::*;
    use crate::flag::CaseId;
    use crate::rule::model::Level;
    use crate::truth::{CaseIndex, Reader};
    use std::sync::Arc;

    /// A weak sign twice, and two flagged cases of six steps; one harmless case of one event that looks like another.
    fn board() -> Board {
        let mut reader = Reader::default();
        reader.line(br#"{"case":"c1","risk":false,"kind":"tutoring","language":"ceb","events":1}"#);
        let mut board = Board::new(Some(Arc::new(reader.finish().expect("a label"))));
        board.sent = 500;
        let resembles = Some("g3".into());
        let known = Known { case: Some(CaseIndex(0)), time_ms: Some(0), resembles };
        board.cases.sent(known, Duration::ZERO);
        board.took(Duration::from_secs(1), 100, 3);
        board.took(Duration::from_secs(2), 300, 2);
        let piece = |text: &str, marked| Piece { text: text.into(), marked };
        let what = vec![
            piece("\"add me on ", false),
            piece("AppOne", true),
            piece(", it is a long message that goes on and on and on\"", false),
        ];
        let sign =
            Shown { level: Level::Medium, rule: "move_app".into(), what: what.clone(), ..Shown::default() };
        board.flag(sign.clone(), false, Some(Duration::from_millis(4)));
        board.flag(sign, false, None);
        for name in ["one", "two"] {
            let step =
                Step { who: "u1".into(), rules: "move_app".into(), what: what.clone(), ..Step::default() };
            let shown = Shown {
                level: Level::High,
                rule: name.into(),
                title: format!("Case {name}"),
                who: "u1 → u2".into(),
                steps: vec![step; 6],
                case_id: Some(CaseId::of_group(name.as_bytes())),
                ..Shown::default()
            };
            board.flag(shown, false, Some(Duration::from_millis(4)));
        }
        board
    }

    fn block(size: (usize, usize)) -> Vec<String> {
        let banner = Banner { brokers: "127.0.0.1:9".into(), rules: 38, trace: None };
        lines(Paint { colour: false }, &banner, &board(), Duration::from_secs(2), size)
    }

    #[test]
    fn the_block_shows_what_happens() {
        let text = block((120, 50)).join("\n");
        for part in [
            "127.0.0.1:9",
            "day 1, 00:00   cases 1 begun, 2 flagged   weak signs 2   dead letters 0\n",
            "2 s  400 events  300/s  lag 100  event to flag p50 4.0 ms, p99 4.0 ms\n",
            " HIGH  Case two\n  day 1, 00:00  u1 → u2  by two\n  day 1, 00:00  u1      move_app             \"add me on [AppOne], it",
            " HIGH  Case one\n",
            "medium        move_app                     2  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇\n",
            "left alone\ntutoring (Cebuano): 1 event, 0 weak signs; looks like asking for secrecy",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn a_small_terminal_shows_of_everything_something() {
        let lines = block((80, 24));
        let text = lines.join("\n");
        for part in ["children", "day 1", "400 events", "Case two", "… 2 more", "move_app   ", "tutoring"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(lines.len() > 18, "{text}");
    }

    #[test]
    fn the_block_never_leaves_the_terminal() {
        for size in [(200, 80), (120, 40), (80, 24), (40, 12), (20, 5), (5, 2), (1, 1), (0, 0)] {
            let lines = block(size);
            assert!(lines.len() < size.1.max(1), "{size:?}");
            assert!(lines.iter().all(|line| console::measure_text_width(line) <= size.0), "{size:?}");
        }
    }
}
