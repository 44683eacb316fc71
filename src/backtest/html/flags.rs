//! What flags are like: by level, by indicator, by rule, and of rules in shadow.

use super::super::report::{IndicatorRow, LevelRow, Report, RuleRow, Shadow, Threshold};
use super::super::words::{self, thousands};
use super::markup::{Html, element, with};
use super::plots::{self, Tone};
use super::table::Column::{Left, Right};
use super::table::{delay, level, name, number, section, share, table, word};

/// What there would be if flags of another level caught cases.
pub(super) fn thresholds(report: &Report) -> Html {
    let row = |row: &Threshold| {
        let asked = if row.level == report.level { " (as asked)" } else { "" };
        vec![
            with("th", "scope=\"row\"", Html::text(&[&words::or_graver(row), asked].concat())),
            share(row.recall, Tone::Good),
            share(row.wrong, Tone::Bad),
            share(row.precision, Tone::Good),
            share(row.early, Tone::Good),
            delay(&row.delay),
            number(&words::number(row.per_day)),
        ]
    };
    let head = [
        Left("if these flags caught"),
        Left("caught"),
        Left("wrongly flagged"),
        Left("flags right"),
        Left("before harm"),
        Left("after the first sign"),
        Right("flags a day"),
    ];
    let about = "Whoever reads weaker flags too catches more, and reads more that is wrong: what would be caught, wrongly flagged and read if \
                 reviewers acted on flags of another level.";
    let table = table("Other levels", &head, report.thresholds.iter().map(row));
    section("Other levels", about, table)
}

/// Flags by level.
pub(super) fn levels(levels: &[LevelRow]) -> Html {
    let row = |row: &LevelRow| {
        vec![
            with("th", "scope=\"row\"", level(row.level)),
            share(row.precision, Tone::Good),
            number(&thousands(row.flags)),
            number(&words::number(row.per_million)),
            number(&words::number(row.per_day)),
        ]
    };
    let head = [Left("level"), Left("right"), Right("flags"), Right("a million events"), Right("a day")];
    let about = "Flags for reviewers. A flag is right if it lies in a case that should be flagged.";
    section("Flags by level", about, table("Flags by level", &head, levels.iter().map(row)))
}

/// Indicators.
pub(super) fn indicators(indicators: &[IndicatorRow]) -> Html {
    let row = |row: &IndicatorRow| {
        vec![
            name(&row.indicator),
            share(row.recall, Tone::Good),
            share(row.recall_by_any, Tone::Good),
            share(row.resembling, Tone::Bad),
        ]
    };
    let head =
        [Left("indicator"), Left("labelled events found"), Left("by any rule"), Left("look-alikes found")];
    let about = "Of the events that are labelled with an indicator, those in which a rule that is tagged with it found something, or any rule did; \
                 and of the harmless events that resemble it, those in which such a rule found something as well.";
    section("Indicators", about, table("Indicators", &head, indicators.iter().map(row)))
}

/// Rules, those that found most first; those that found nothing apart.
pub(super) fn rules(rules: &[RuleRow]) -> Html {
    let greatest = rules.iter().map(|row| row.found).max().unwrap_or_default();
    let row = |row: &RuleRow| {
        let found = plots::part(row.found, greatest).then(element("b", Html::text(&thousands(row.found))));
        let rate = with(
            "span",
            "class=\"detail\"",
            Html::text(&format!(" {} a million", words::number(row.per_million))),
        );
        vec![
            rule(row),
            element("td", level(row.level)),
            word(row.outlet.unwrap_or("–")),
            with("td", "class=\"share\"", found.then(rate)),
            share(row.right, Tone::Good),
            number(&thousands(row.risky_cases)),
            number(&thousands(row.benign_cases)),
            number(&thousands(row.alone)),
            number(&thousands(row.resembling)),
        ]
    };
    let head = [
        Left("rule"),
        Left("level"),
        Left("to"),
        Left("found, in a million events"),
        Left("in risky cases"),
        Right("risky cases"),
        Right("benign cases"),
        Right("catches alone"),
        Right("look-alikes"),
    ];
    let table = table("Rules", &head, rules.iter().filter(|row| row.found > 0).map(row));
    let about = "What each rule found, whether anybody is shown it or not; in how many cases; how many cases it alone catches, which would be \
                 missed without it; and in how many harmless events that resemble an indicator.";
    section("Rules", about, table.then(silent(rules)))
}

fn rule(row: &RuleRow) -> Html {
    let kind = if row.correlation { Html::raw("correlation: ") } else { Html::default() };
    let title = with("span", "class=\"title\"", kind.then(Html::foreign(&row.title)));
    with("th", "scope=\"row\"", with("code", "dir=\"auto\"", Html::text(&row.name)).then(title))
}

fn silent(rules: &[RuleRow]) -> Html {
    let silent: Vec<_> = rules.iter().filter(|row| row.found == 0).collect();
    if silent.is_empty() {
        return Html::default();
    }
    let item = |row: &&RuleRow| {
        element(
            "li",
            with("code", "dir=\"auto\"", Html::text(&row.name))
                .then(Html::raw(" "))
                .then(Html::foreign(&row.title)),
        )
    };
    let list = with("ul", "class=\"plain-list\"", silent.iter().map(item).collect());
    let summary = format!("Rules that found nothing: {}", thousands(silent.len() as u64));
    element("details", element("summary", Html::text(&summary)).then(list))
}

/// What rules in shadow would change.
pub(super) fn shadow(shadow: &Shadow) -> Html {
    let compared = [
        ("live rules", shadow.live_recall, shadow.live_wrong),
        ("with those in shadow", shadow.both_recall, shadow.both_wrong),
    ];
    let compared = compared
        .map(|(rules, caught, wrong)| vec![name(rules), share(caught, Tone::Good), share(wrong, Tone::Bad)]);
    let compared = table(
        "Live and shadow",
        &[Left("rules"), Left("caught"), Left("wrongly flagged")],
        compared.into_iter(),
    );
    let rows = shadow.rules.iter().map(|row| {
        vec![
            name(&row.rule),
            element("td", level(row.level)),
            number(&thousands(row.flags)),
            share(row.right, Tone::Good),
            number(&thousands(row.caught)),
            number(&thousands(row.wrong)),
        ]
    });
    let head = [
        Left("rule in shadow"),
        Left("level"),
        Right("flags"),
        Left("right"),
        Right("newly caught"),
        Right("newly wrong"),
    ];
    let about = "What would change if rules in shadow were live.";
    section("Shadow", about, compared.then(table("Rules in shadow", &head, rows)))
}
