//! What the demo says at its end.

use super::board::{Board, per_second};
use super::paint::{Paint, fit, milliseconds, thousands};
use std::fmt::Write as _;
use std::time::Duration;

/// The summary, as lines that end in a line break. `time` is the time for which events were played.
pub(super) fn text(paint: Paint, board: &Board, time: Duration) -> String {
    let mut out = String::new();
    let rate = per_second(board.taken, time);
    let mut line = |name: &str, value: String| {
        // Writing to a String cannot fail.
        writeln!(out, "  {} {value}", paint.dim(&format!("{name:<14}"))).unwrap_or_default();
    };
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
    format!("{}\n{out}{}", paint.bold("Summary"), rules(paint, board))
}

/// Why records could not be decoded, by the codes that dead letters bear.
fn reasons(board: &Board) -> String {
    let reasons: Vec<_> =
        board.undecoded.iter().map(|(code, count)| format!("{code} {}", thousands(*count))).collect();
    if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) }
}

/// The table of rules; nothing if none fired.
fn rules(paint: Paint, board: &Board) -> String {
    if board.rules.is_empty() {
        return String::new();
    }
    let head = format!("  {:<28} {:<13} {:>7} {:>7}", "rule", "level", "flags", "shadow");
    let mut out = format!("\n{}\n", paint.dim(&head));
    for ((level, name), count) in &board.rules {
        let level_name = paint.level(level.0, &format!("{:<13}", level.0.name()));
        writeln!(out, "  {} {level_name} {:>7} {:>7}", fit(name, 28), count.flags, count.shadow)
            .unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::shown::Shown;
    use super::*;
    use crate::rule::model::Level;

    #[test]
    fn the_summary_tells_all_figures() {
        let mut board = Board::default();
        (board.sent, board.dead) = (1_200, 2);
        board.undecoded = [("no_type_no_text", 1), ("unexpected_end", 1)].into();
        board.took(Duration::from_secs(3), 1_200, 5);
        for (level, rule, shadow) in
            [(Level::High, "b", false), (Level::Low, "a", false), (Level::Low, "c", true)]
        {
            let shown = Shown { level, rule: rule.into(), who: String::new(), what: Vec::new() };
            board.flag(shown, shadow, Some(Duration::from_millis(3)));
        }
        let expected = "\
Summary
  events         1,200 in 6.0 s, 200/s
  flags          2 for moderators, 1 in shadow
  dead letters   2 (no_type_no_text 1, unexpected_end 1)
  event to flag  p50 3.0 ms, p99 3.0 ms, longest 3.0 ms
  by level       high 1, low 1

  rule                         level           flags  shadow
  b                            high                1       0
  a                            low                 1       0
  c                            low                 0       1
";
        assert_eq!(text(Paint { colour: false }, &board, Duration::from_secs(6)), expected);
    }
}
