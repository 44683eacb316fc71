//! The live display: a block of lines at the foot of the terminal, written anew ten times a second.
//!
//! Not the alternate screen: what was seen last stays there when the demo ends. The lines are made by a pure
//! function of the board and the terminal's size; one write brings them out, so that nothing flickers.

use super::Banner;
use super::board::{Board, Count, RuleKey};
use super::paint::{Paint, figures, fit};
use console::Term;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

/// Widest display.
const WIDEST: usize = 140;
/// Rules shown at most.
const RULES: usize = 12;
/// Columns of the longest bar.
const BAR: u64 = 30;

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
    let mut lines = banner.lines(paint);
    lines.push(String::new());
    lines.push(paint.bold(figures(board, time).trim_start()));
    lines.push(String::new());
    lines.push(paint.dim("flags by rule"));
    let room = height.saturating_sub(lines.len() + 4);
    lines.extend(rules(paint, board, (room / 2).min(RULES)));
    lines.push(String::new());
    lines.push(paint.dim("latest flags, the matching words marked"));
    let room = height.saturating_sub(lines.len() + 2);
    lines.extend(board.latest.iter().take(room).map(|shown| paint.flag(shown)));
    lines.truncate(height.saturating_sub(1));
    lines.iter().map(|line| console::truncate_str(line, width.saturating_sub(1), "…").into_owned()).collect()
}

/// A line for each of the rules with the most flags, the gravest first, with a bar.
fn rules(paint: Paint, board: &Board, most: usize) -> Vec<String> {
    let mut published: Vec<(&RuleKey, &Count)> =
        board.rules.iter().filter(|(_, count)| count.flags > 0).collect();
    published.sort_by_key(|(_, count)| std::cmp::Reverse(count.flags));
    published.truncate(most);
    published.sort_by_key(|(key, _)| *key);
    let greatest = published.iter().map(|(_, count)| count.flags).max().unwrap_or(1);
    let one = |((level, name), count): &(&RuleKey, &Count)| {
        let length = usize::try_from((count.flags * BAR).div_ceil(greatest)).unwrap_or(0);
        let level_name = paint.level(level.0, &format!("{:<13}", level.0.name()));
        let bar = paint.level(level.0, &"▇".repeat(length));
        format!("{level_name} {} {:>6}  {bar}", fit(name, 24), count.flags)
    };
    published.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::shown::{Piece, Shown};
    use super::*;
    use crate::rule::model::Level;

    fn board() -> Board {
        let mut board = Board::default();
        board.sent = 500;
        board.took(Duration::from_secs(1), 100, 3);
        board.took(Duration::from_secs(2), 300, 2);
        let flags = [(Level::Medium, "move_app"), (Level::High, "new_account"), (Level::Medium, "move_app")];
        for (level, rule) in flags {
            let what = vec![
                Piece { text: "\"add me on ".into(), marked: false },
                Piece { text: "AppOne".into(), marked: true },
                Piece { text: ", it is a long message that goes on and on and on\"".into(), marked: false },
            ];
            let shown = Shown { level, rule: rule.into(), who: "u1 → u2".into(), what };
            board.flag(shown, false, Some(Duration::from_millis(4)));
        }
        board
    }

    fn block(size: (usize, usize)) -> Vec<String> {
        let banner = Banner { brokers: "127.0.0.1:9".into(), rules: 38, trace: "bundled".into() };
        lines(Paint { colour: false }, &banner, &board(), Duration::from_secs(2), size)
    }

    #[test]
    fn the_block_shows_what_happens() {
        let text = block((120, 40)).join("\n");
        for part in [
            "127.0.0.1:9",
            "400 events   300/s   lag 100   flags 3   shadow 0   dead letters 0   event to flag p50 4.0 ms",
            "high          new_account                   1  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇\n",
            "medium        move_app                      2  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇\n",
            "medium        move_app                 u1 → u2           \"add me on [AppOne], it",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn the_block_never_leaves_the_terminal() {
        for size in [(120, 40), (80, 24), (40, 12), (20, 5), (5, 2), (1, 1), (0, 0)] {
            let lines = block(size);
            assert!(lines.len() <= size.1, "{size:?}");
            assert!(lines.iter().all(|line| console::measure_text_width(line) <= size.0), "{size:?}");
        }
    }
}
