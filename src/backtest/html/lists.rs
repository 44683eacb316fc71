//! Missed and wrongly flagged cases, each to be opened.

use super::super::report::{Listed, Missed, Shown, Sign, Wrong};
use super::super::words;
use super::markup::{Html, element, with};
use super::table::Column::Left;
use super::table::{level, section, table, word};
use std::collections::BTreeSet;

/// Cases that should have been flagged.
pub(super) fn missed(missed: &Listed<Missed>) -> Html {
    let case = |case: &Missed| {
        let head = [Left("event"), Left("indicator"), Left("found by")];
        let signs = table("Labelled events", &head, case.signs.iter().map(sign));
        let signs = if signs.is_empty() { element("p", Html::raw("No event is labelled.")) } else { signs };
        entry([&case.case, &case.kind, &case.language, &case.style], &case.why, signs)
    };
    let about = "Cases that should have been flagged and were not; with what labels say was there to be found, and which rules found it.";
    section(&words::title("Missed cases", missed), about, listed(missed, case))
}

fn sign(sign: &Sign) -> Vec<Html> {
    let found: Vec<_> = sign.found.iter().map(String::as_str).collect();
    let found = if found.is_empty() { "–".to_owned() } else { found.join(", ") };
    vec![word(&sign.event), word(&sign.indicator), word(&found)]
}

/// Cases that should not have been.
pub(super) fn wrong(wrong: &Listed<Wrong>) -> Html {
    let case = |case: &Wrong| {
        let rules: BTreeSet<_> = case.flags.iter().map(|flag| flag.rule.as_str()).collect();
        let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
        let line = format!("{}: {rules}", words::count(case.flags.len() as u64, "flag"));
        let flags = with("ul", "class=\"flags\"", case.flags.iter().map(flag).collect());
        entry([&case.case, &case.kind, &case.language, ""], &line, flags)
    };
    let about = "Cases that should not have been flagged and were; with the flags and what was read there.";
    section(&words::title("Wrongly flagged cases", wrong), about, listed(wrong, case))
}

fn flag(flag: &Shown) -> Html {
    let rule =
        with("code", "dir=\"auto\"", Html::text(&flag.rule)).then(Html::raw(" ")).then(level(flag.level));
    let place =
        Html::raw(" at ").then(Html::foreign(&flag.event)).then(Html::raw(", ")).then(Html::text(&flag.time));
    let excerpt = |text: &String| with("blockquote", "dir=\"auto\"", Html::text(text));
    let head = element("p", rule.then(with("span", "class=\"detail\"", place)));
    element("li", head.then(flag.excerpts.iter().map(excerpt).collect()))
}

/// The cases that are listed, each as `show` has it.
fn listed<T>(listed: &Listed<T>, show: impl Fn(&T) -> Html) -> Html {
    let entries: Html = listed.first.iter().map(show).collect();
    if entries.is_empty() {
        let why = if listed.count == 0 { Html::raw("There are none.") } else { Html::raw("None is listed.") };
        return element("p", why);
    }
    entries
}

/// A case: its name, what it is, and a line; the rest when it is opened.
fn entry([case, kind, language, style]: [&str; 4], line: &str, rest: Html) -> Html {
    let chip = |text: &str| with("span", "class=\"chip\" dir=\"auto\"", Html::text(text));
    let chips = [kind, language, style].into_iter().filter(|text| !text.is_empty()).map(chip).collect();
    let name = with("b", "dir=\"auto\"", Html::text(case));
    let line = with("span", "class=\"detail\"", Html::foreign(line));
    let head = element("summary", name.then(Html::raw(" ")).then(chips).then(Html::raw(" ")).then(line));
    element("details", head.then(with("div", "class=\"inside\"", rest)))
}
