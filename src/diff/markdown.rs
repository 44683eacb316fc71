//! The comparison as Markdown, for a pull request and for a terminal.

use super::Diff;
use super::flags::{Cases, FlagDiff, Flags, Names, Shown};
use super::rules::{Change, Changed, Named, RuleDiff};
use crate::backtest::markdown::{escaped, section};
use crate::backtest::words::thousands;

/// The whole comparison.
pub fn text(diff: &Diff) -> String {
    let mut out = String::from("# Rules compared\n");
    out.push_str(&rules(&diff.rules));
    if let Some(found) = &diff.flags {
        out.push_str(&flags(found));
        out.push_str(&found.cases.as_ref().map(cases).unwrap_or_default());
    }
    out
}

fn rules(diff: &RuleDiff) -> String {
    let counted = format!(
        "\n{} added, {} removed, {} changed, {} unchanged.\n",
        diff.added.len(),
        diff.removed.len(),
        diff.changed.len(),
        thousands(diff.unchanged)
    );
    let named =
        |rule: &Named, what: String| vec![rule.name.clone(), rule.level.to_owned(), rule.title.clone(), what];
    let added = diff.added.iter().map(|rule| named(rule, "added".to_owned()));
    let removed = diff.removed.iter().map(|rule| named(rule, "removed".to_owned()));
    let changed = diff.changed.iter().map(|Changed { rule, changes }| named(rule, changes_in_words(changes)));
    counted + &section("Rules", &["rule", "level", "title", "what"], added.chain(removed).chain(changed))
}

fn changes_in_words(changes: &[Change]) -> String {
    let each = changes.iter().map(|change| match (&change.from, &change.to) {
        (Some(from), Some(to)) => format!("{}: {from} → {to}", change.what.words()),
        _ => format!("changed: {}", change.what.words()),
    });
    each.collect::<Vec<_>>().join("; ")
}

fn flags(found: &FlagDiff) -> String {
    let counted = format!(
        "\nOn {} events: {} flags more, {} fewer, {} unchanged.\n",
        thousands(found.events),
        thousands(found.added.count),
        thousands(found.removed.count),
        thousands(found.unchanged)
    );
    let rows = found.rules.iter().map(|row| {
        let counts = [row.old, row.new, row.added, row.removed].map(thousands);
        [row.rule.clone()].into_iter().chain(counts).collect()
    });
    let rules = section("Flags by rule", &["rule", "old", "new", "more", "fewer"], rows);
    [counted, rules, examples("Newly flagged", &found.added), examples("No longer flagged", &found.removed)]
        .concat()
}

fn examples(title: &str, flags: &Flags) -> String {
    let rows = flags.first.iter().map(|flag| {
        let Shown { rule, level, event, time, case, right, excerpts } = flag;
        let case = match (case, right) {
            (Some(case), Some(true)) => format!("{case}: should be flagged"),
            (Some(case), _) => format!("{case}: should not be"),
            (None, _) => "–".to_owned(),
        };
        vec![rule.clone(), (*level).to_owned(), event.clone(), time.clone(), case, excerpts.join(" · ")]
    });
    let right = if flags.right.of > 0 { format!("; right: {}", flags.right.text()) } else { String::new() };
    let shown = flags.first.len() as u64;
    let of = if shown < flags.count { format!(", of which {shown}") } else { String::new() };
    let title = format!("{title}: {}{of}{right}", thousands(flags.count));
    section(&title, &["rule", "level", "event", "time", "case", "what was read"], rows)
}

fn cases(cases: &Cases) -> String {
    let rows = [
        ("caught by the old rules", cases.old_recall.text()),
        ("caught by the new rules", cases.new_recall.text()),
        ("wrongly flagged by the old rules", cases.old_wrong.text()),
        ("wrongly flagged by the new rules", cases.new_wrong.text()),
        ("newly caught", names(&cases.newly_caught)),
        ("newly missed", names(&cases.newly_missed)),
        ("newly wrong", names(&cases.newly_wrong)),
        ("no longer wrong", names(&cases.no_longer_wrong)),
    ];
    let title = format!("Cases, by flags of level {} or graver", cases.level);
    section(&title, &["", ""], rows.into_iter().map(|(what, value)| vec![what.to_owned(), value]))
}

fn names(names: &Names) -> String {
    if names.first.is_empty() {
        return thousands(names.count);
    }
    let more = if (names.first.len() as u64) < names.count { ", …" } else { "" };
    let first: Vec<_> = names.first.iter().map(|name| escaped(name)).collect();
    format!("{}: {}{more}", thousands(names.count), first.join(", "))
}
