//! Plots: bars with their interval, delays on a scale of time, and the curve of what is caught within what time.
//!
//! Each is drawn beside the numbers that it shows, in a table; so drawings are kept from screen readers, which read the table.

use super::super::Share;
use super::super::report::{Delay, Within};
use super::super::words::{self, exact};
use super::markup::{Html, drawn, element, path, shape, with, written_at};

/// What a bar says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// The more the better.
    Good,
    /// The less the better.
    Bad,
    /// Neither.
    Plain,
}

/// Drawings are stretched to the width that there is, so lines keep theirs.
const STRETCHED: &str = "class=\"bar\" viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\"";

/// A share from 0 to 1 as a bar, with whiskers over the interval that holds the true one; an empty place if there is none.
pub(super) fn share(share: Share, tone: Tone) -> Html {
    let Some(value) = share.value() else { return with("svg", STRETCHED, track()) };
    let bar = track().then(fill(value, tone));
    let whiskers = share.interval().map(|(low, high)| whiskers(low * 100.0, high * 100.0));
    with("svg", STRETCHED, bar.then(whiskers.unwrap_or_default()))
}

/// A number as a part of the greatest of its column.
pub(super) fn part(number: u64, greatest: u64) -> Html {
    let share = Share { count: number, of: greatest }.value().unwrap_or_default();
    with("svg", STRETCHED, track().then(fill(share, Tone::Plain)))
}

fn track() -> Html {
    let quarter = |x: f64| shape("line", "grid", &[("x1", x), ("x2", x), ("y1", 2.0), ("y2", 10.0)]);
    rectangle("track", 0.0, 100.0).then([25.0, 50.0, 75.0].into_iter().map(quarter).collect())
}

fn fill(share: f64, tone: Tone) -> Html {
    let class = match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Plain => "plain",
    };
    rectangle(class, 0.0, share.clamp(0.0, 1.0) * 100.0)
}

fn rectangle(class: &'static str, x: f64, width: f64) -> Html {
    shape("rect", class, &[("x", x), ("y", 2.0), ("width", width), ("height", 8.0)])
}

fn whiskers(low: f64, high: f64) -> Html {
    // At the very edge a line would be cut in half.
    let (low, high) = (low.clamp(0.4, 99.6), high.clamp(0.4, 99.6));
    let end = |x: f64| shape("line", "whisker", &[("x1", x), ("x2", x), ("y1", 3.5), ("y2", 8.5)]);
    let line = shape("line", "whisker", &[("x1", low), ("x2", high), ("y1", 6.0), ("y2", 6.0)]);
    [line, end(low), end(high)].into_iter().collect()
}

/// Where a delay stands on a scale from nothing to thirty days, on which each step is a multiple of the one before: 0 to 100.
fn on_scale(ms: i64) -> f64 {
    let of = |ms: i64| (1.0 + exact(ms) / 60_000.0).ln();
    (of(ms.max(0)) / of(2_592_000_000) * 100.0).clamp(0.0, 100.0)
}

/// The marks of that scale.
const MARKS: [(i64, &str); 4] =
    [(60_000, "1 min"), (3_600_000, "1 h"), (86_400_000, "1 d"), (604_800_000, "7 d")];

/// Median and nine of ten, from the first to the second.
pub(super) fn delay(delay: &Delay) -> Html {
    let mark = |(ms, _): &(i64, &str)| {
        let x = on_scale(*ms);
        shape("line", "grid", &[("x1", x), ("x2", x), ("y1", 2.0), ("y2", 10.0)])
    };
    let mut out = rectangle("track", 0.0, 100.0).then(MARKS.iter().map(mark).collect());
    if let Some(median) = delay.median_ms {
        let (from, to) = (on_scale(median), on_scale(delay.p90_ms.unwrap_or(median)));
        out = out.then(rectangle("plain reach", from, (to - from).max(0.4)));
        out = out.then(rectangle("median", (from - 0.6).max(0.0), 1.6));
    }
    with("svg", STRETCHED, out)
}

/// The scale over delays.
pub(super) fn delay_scale() -> Html {
    let mark = |(ms, name): &(i64, &str)| written_at(on_scale(*ms), name);
    let attributes = "class=\"scale\" aria-hidden=\"true\" focusable=\"false\"";
    with("svg", attributes, MARKS.iter().map(mark).collect())
}

/// Sizes of the curve's drawing.
const LEFT: f64 = 54.0;
const TOP: f64 = 12.0;
const WIDTH: f64 = 432.0;
const HEIGHT: f64 = 190.0;

/// How many are caught within what time, with the interval as a band.
pub(super) fn curve(points: &[Within]) -> Html {
    #[expect(clippy::cast_precision_loss, reason = "a handful of points")]
    let x = |index: usize| LEFT + WIDTH * (index as f64 + 0.5) / points.len().max(1) as f64;
    let y = |share: f64| TOP + HEIGHT * (1.0 - share);
    let value = |point: &Within| point.caught.value().unwrap_or_default();
    let bounds = |point: &Within| point.caught.interval().unwrap_or_default();
    let places = || points.iter().enumerate();
    let upper = places().map(|(index, point)| (x(index), y(bounds(point).1)));
    let lower = places().rev().map(|(index, point)| (x(index), y(bounds(point).0)));
    let band: Vec<_> = upper.chain(lower).collect();
    let line: Vec<_> = places().map(|(index, point)| (x(index), y(value(point)))).collect();
    let dots = line.iter().map(|(x, y)| shape("circle", "dot", &[("cx", *x), ("cy", *y), ("r", 4.0)]));
    let names = places().map(|(index, point)| {
        let name = point.within_ms.map_or_else(|| "ever".to_owned(), words::duration);
        drawn("text", "mark", &[("x", x(index)), ("y", TOP + HEIGHT + 20.0)], Html::text(&name))
    });
    let drawing = [axes(&y), path("band", &band, true), path("curve", &line, false)];
    let drawing = drawing.into_iter().chain(dots).chain(names).collect();
    let attributes = "class=\"plot\" viewBox=\"0 0 500 232\" role=\"img\" aria-labelledby=\"curve-title\"";
    let title = with("title", "id=\"curve-title\"", Html::raw(CURVE));
    with("svg", attributes, title.then(drawing))
}

/// What is seen of the curve by those who do not see it.
const CURVE: &str =
    "Curve of the share of cases that are caught within a time; the table beside it holds the same numbers";

fn axes(y: &dyn Fn(f64) -> f64) -> Html {
    let line = |share: f64| {
        let y = y(share);
        let line = shape("line", "grid", &[("x1", LEFT), ("x2", LEFT + WIDTH), ("y1", y), ("y2", y)]);
        let name = Html::text(&format!("{:.0} %", share * 100.0));
        line.then(drawn("text", "side", &[("x", LEFT - 6.0), ("y", y + 4.5)], name))
    };
    element("g", [0.0, 0.25, 0.5, 0.75, 1.0].into_iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_within_their_track() {
        for (count, of) in [(0, 0), (0, 3), (3, 3), (45, 50)] {
            let drawn = share(Share { count, of }, Tone::Good).finish();
            assert!(!drawn.contains('-') || !drawn.contains("=\"-"), "{drawn}");
            assert_eq!(drawn.contains("whisker"), of > 0, "{drawn}");
        }
        assert!(
            share(Share { count: 45, of: 50 }, Tone::Bad)
                .finish()
                .contains("class=\"bad\" x=\"0\" y=\"2\" width=\"90\"")
        );
    }

    #[test]
    fn the_scale_of_time_has_ends() {
        assert_eq!([on_scale(-5), on_scale(0), on_scale(i64::MAX)], [0.0, 0.0, 100.0]);
        assert!(on_scale(60_000) < on_scale(3_600_000) && on_scale(3_600_000) < on_scale(86_400_000));
    }
}
