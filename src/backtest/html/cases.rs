//! What became of cases: which are caught, which are wrongly flagged, and how soon.

use super::super::Share;
use super::super::report::{By, Group, Report, Within};
use super::super::words::{self, thousands};
use super::markup::{Html, element, with};
use super::plots::{self, Tone};
use super::table::Column::{Left, Right};
use super::table::{bars, figure, name, number, numbers, section, share, table};

/// Caught and wrongly flagged cases, by what they have in common.
pub(super) fn caught(groups: &[Group]) -> Html {
    let about = "Whiskers span the interval that holds the true share in 95 of 100 cases: where they are long, there are few cases, and \
                 the bar proves little.";
    let kinds = [
        (By::Kind, "Caught, by kind", "Wrongly flagged, by kind"),
        (By::Language, "Caught, by language", "Wrongly flagged, by language"),
        (By::Style, "Caught, by style of writing", "Wrongly flagged, by style of writing"),
    ];
    let pair = |(by, caught, wrong)| {
        let rows = |of: fn(&Group) -> Share| {
            let groups = groups.iter().filter(move |group| group.by == by && of(group).of > 0);
            groups.map(move |group| (group.name.clone(), of(group)))
        };
        bars(caught, rows(|group| group.recall), Tone::Good).then(bars(
            wrong,
            rows(|group| group.wrong),
            Tone::Bad,
        ))
    };
    let pairs: Html = kinds.into_iter().map(pair).collect();
    if pairs.is_empty() {
        return pairs;
    }
    section("Cases", about, with("div", "class=\"pairs\"", pairs))
}

/// How soon cases are caught: the curve, and the delays of groups.
pub(super) fn soon(report: &Report) -> Html {
    let about = "From the first risky event of a case to its first flag. Delays run from the median to what nine of ten do not exceed, on a \
                 scale on which each step is a multiple of the one before.";
    let content = with("div", "class=\"pairs\"", curve(&report.within)).then(delays(&report.groups));
    if report.within.is_empty() && report.groups.iter().all(|group| group.delay.median_ms.is_none()) {
        return Html::default();
    }
    section("How soon", about, content)
}

/// The curve and, beside it, its numbers.
fn curve(points: &[Within]) -> Html {
    let row = |point: &Within| {
        let share = with("td", "class=\"share\"", numbers(point.caught));
        element("tr", name(&words::within(point)).then(share))
    };
    let table = figure("Caught within", Html::default(), points.iter().map(row).collect());
    if table.is_empty() { table } else { plots::curve(points).then(table) }
}

fn delays(groups: &[Group]) -> Html {
    let row = |group: &Group| {
        let bar = with("td", "class=\"plotted\"", plots::delay(&group.delay));
        let said = with("td", "class=\"said\"", Html::text(&words::delay(&group.delay)));
        element("tr", head(group).then(bar).then(said))
    };
    let rows = groups.iter().filter(|group| group.delay.median_ms.is_some()).map(row).collect();
    let empty = || element("td", Html::default());
    let cells = empty().then(element("td", plots::delay_scale())).then(empty());
    let scale = element("thead", with("tr", "aria-hidden=\"true\"", cells));
    figure("Delay: median, and on to nine of ten", scale, rows)
}

/// The other figures of groups.
pub(super) fn groups(groups: &[Group]) -> Html {
    let row = |group: &Group| {
        vec![
            head(group),
            share(group.early, Tone::Good),
            share(group.precision, Tone::Good),
            number(&thousands(group.flags)),
            number(&thousands(group.events)),
            number(&words::number(group.per_million)),
        ]
    };
    let heads = [
        Left("group"),
        Left("caught before harm"),
        Left("flags right"),
        Right("all flags"),
        Right("events"),
        Right("flags a million events"),
    ];
    let about = "Of the cases that are caught, those whose first flag came before harm was done; of the flags of the level that catches or a \
                 graver one, those in cases that should be flagged; and how much there would be to read.";
    let table = table("Figures of groups", &heads, groups.iter().map(row));
    section("Groups", about, table)
}

fn head(group: &Group) -> Html {
    if group.by == By::All {
        return with("th", "scope=\"row\"", Html::raw("all cases"));
    }
    let by = with("span", "class=\"detail\"", Html::text(words::by(group.by)).then(Html::raw(" ")));
    with("th", "scope=\"row\"", by.then(Html::foreign(&group.name)))
}
