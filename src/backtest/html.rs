//! The report as a page: one file that needs no other, for those who judge rules and for whoever reads a change of them.
//!
//! Nothing in it runs, and nothing is fetched. The policy in its head forbids all but the one style sheet, which it knows by its digest,
//! so that even markup that got in would do nothing; and no text can become markup (`markup`). Colours follow the reader's own choice
//! of light or dark, and it can be printed. Numbers read as in the Markdown form ([`super::words`]).

mod cases;
mod flags;
mod lists;
mod markup;
mod plots;
mod table;

use super::gate::{Gate, Verdict};
use super::report::Report;
use super::words::{self, CAUTION, Headline};
use markup::{Html, element, with};
use sha2::{Digest, Sha256};
use table::Column::{Left, Right};
use table::{section, table, word};

const STYLE: &str = include_str!("html/style.css");

/// The page.
pub fn text(report: &Report, gates: &[(Gate, Verdict)]) -> String {
    let parts = [
        heading(report),
        headlines(report),
        conditions(gates),
        cases::caught(&report.groups),
        cases::soon(report),
        flags::thresholds(report),
        flags::levels(&report.levels),
        cases::groups(&report.groups),
        flags::indicators(&report.indicators),
        flags::rules(&report.rules),
        report.shadow.as_ref().map(flags::shadow).unwrap_or_default(),
        lists::missed(&report.missed),
        lists::wrong(&report.wrong),
        glossary(),
    ];
    let body = element("body", element("main", parts.into_iter().collect()));
    ["<!DOCTYPE html>\n<html lang=\"en\">", &head(), &body.finish(), "</html>\n"].concat()
}

/// The head; of the style sheet only this very text is let in.
fn head() -> String {
    let digest = data_encoding::BASE64.encode(&Sha256::digest(STYLE.as_bytes()));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'");
    [
        "<head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"",
        &policy,
        "\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
        "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">",
        "<meta name=\"robots\" content=\"noindex\"><title>Wardline backtest</title><style>",
        STYLE,
        "</style></head>",
    ]
    .concat()
}

fn heading(report: &Report) -> Html {
    let line = |line: &String| element("p", Html::text(line));
    let lines = words::trace(&report.trace).iter().map(line).collect();
    let caution = with("p", "class=\"caution\" role=\"note\"", Html::raw(CAUTION));
    element("header", element("h1", Html::raw("Backtest")).then(lines).then(caution))
}

fn headlines(report: &Report) -> Html {
    let card = |line: &Headline| {
        let detail = line.detail.as_deref().map(|text| with("dd", "class=\"detail\"", Html::text(text)));
        let value = with("dd", "class=\"value\"", Html::text(&line.value));
        element("div", element("dt", Html::text(&line.about)).then(value).then(detail.unwrap_or_default()))
    };
    with("dl", "class=\"cards\"", words::headlines(report).iter().map(card).collect())
}

fn conditions(gates: &[(Gate, Verdict)]) -> Html {
    let row = |(gate, verdict): &(Gate, Verdict)| {
        let met = if verdict.met {
            with("span", "class=\"met\"", Html::raw("✓ met"))
        } else {
            with("span", "class=\"unmet\"", Html::raw("✗ not met"))
        };
        let gate = with("code", "dir=\"auto\"", Html::text(&gate.to_string()));
        vec![with("th", "scope=\"row\"", gate), table::number(&words::value(verdict)), element("td", met)]
    };
    let unmet = gates.iter().filter(|(_, verdict)| !verdict.met).count();
    let about = if unmet == 0 { "All are met." } else { "Not all are met." };
    section(
        "Conditions",
        about,
        table("Conditions", &[Left("condition"), Right("is"), Left("verdict")], gates.iter().map(row)),
    )
}

/// What the words mean.
fn glossary() -> Html {
    let entries = [
        (
            "case",
            "What a person would judge as a whole: a conversation, or a session and the payments around it.",
        ),
        (
            "caught",
            "A case that should be flagged and has a flag of the level that was asked for or a graver one.",
        ),
        ("wrongly flagged", "A case that should not be flagged and has such a flag."),
        ("right", "Of a flag: it lies in a case that should be flagged."),
        ("before harm", "The first flag came before the moment at which labels say that harm was done."),
        (
            "45 of 50; 78.6–95.7",
            "The numbers that a share is made of, and the interval in per cent that holds the true one in 95 of 100 cases (Wilson's \
             score; one-sided and exact where there are none or all).",
        ),
    ];
    let rows = entries.map(|(name, meaning)| vec![table::name(name), word(meaning)]);
    section(
        "What the words mean",
        "As this page uses them.",
        table("What the words mean", &[Left("word"), Left("meaning")], rows.into_iter()),
    )
}

#[cfg(test)]
mod tests;
