//! Filters in rules: which ones, and what becomes of their conditions.

use crate::event::FieldTable;
use crate::rule::model::{Condition, Rule};
use crate::rule::{Code, Lists, Loaded, SourceMap, load};

const RULES: &str = "
title: Asks an age
id: 6f3e2987-db24-4c78-a860-b4f4095a7095
name: ask_age
logsource: {product: chat, category: message}
detection: {asks: {text|phrase: how old are you}, condition: asks}
---
title: Asks to keep a secret
name: ask_secret
detection: {asks: {text|phrase: keep this a secret}, direct: {room.kind: direct}, condition: asks or direct}
---
title: Two of them
name: pays
logsource: {category: payment}
detection: {a: {payment.rail: card}, b: {sender.age_band: adult}, condition: a and b}
---
title: Another product's
name: other
logsource: {product: windows, category: process_creation}
detection: {a: {User: x}, condition: a}
---
";

fn loaded(filter: &str) -> Loaded {
    let mut map = SourceMap::default();
    // A filter may stand before what it is added to.
    map.add("a.yml", filter);
    map.add("b.yml", RULES);
    load(&map, &FieldTable::canonical(), &Lists::default())
}

/// Names of rules and their conditions.
type Conditions<'a> = &'a [(&'a str, &'a str)];

fn shown(rule: &Rule) -> String {
    fn show(condition: &Condition, rule: &Rule) -> String {
        let all = |parts: &[Condition], word: &str| {
            format!("({})", parts.iter().map(|part| show(part, rule)).collect::<Vec<_>>().join(word))
        };
        match condition {
            Condition::Selection(index) => rule.detection.selections[*index].name.clone(),
            Condition::Not(inner) => format!("not {}", show(inner, rule)),
            Condition::All(parts) => all(parts, " and "),
            Condition::Any(parts) => all(parts, " or "),
        }
    }
    show(&rule.detection.condition, rule)
}

/// The rules' conditions by name, and the codes of what is said.
fn filtered(filter: &str) -> (Vec<(String, String)>, Vec<Code>) {
    let found = loaded(filter);
    let rules = found.rules.iter().map(|rule| (rule.name.clone(), shown(rule)));
    (rules.collect(), found.diagnostics.iter().map(|found| found.code).collect())
}

#[test]
fn a_filter_is_added_to_the_rules_that_it_names() {
    let friends = "{sender.account_age_days|gte: 1000}";
    let plain =
        [("ask_age", "asks"), ("ask_secret", "(asks or direct)"), ("pays", "(a and b)"), ("other", "a")];
    let with = |changed: Conditions<'_>| {
        let of = |(name, condition): &(&str, &str)| {
            let new = changed.iter().find(|(own, _)| own == name).map_or(*condition, |(_, new)| new);
            ((*name).to_owned(), new.to_owned())
        };
        plain.iter().map(of).collect::<Vec<_>>()
    };
    let cases: [(&str, &str, Conditions<'_>); 7] = [
        ("", "{rules: [ask_age], s: FRIENDS, condition: not s}", &[("ask_age", "(asks and not known.s)")]),
        (
            "",
            "{rules: [6f3e2987-db24-4c78-a860-b4f4095a7095, ask_secret, pays], s: FRIENDS, t: {room.kind: group}, condition: not (s and t)}",
            &[
                ("ask_age", "(asks and not (known.s and known.t))"),
                ("ask_secret", "((asks or direct) and not (known.s and known.t))"),
                ("pays", "(a and b and not (known.s and known.t))"),
            ],
        ),
        (
            "logsource: {category: message}",
            "{rules: any, s: FRIENDS, condition: not s}",
            &[("ask_age", "(asks and not known.s)")],
        ),
        (
            "logsource: {product: chat}",
            "{rules: any, s: FRIENDS, condition: not 1 of s*}",
            &[
                ("ask_age", "(asks and not (known.s))"),
                ("ask_secret", "((asks or direct) and not (known.s))"),
                ("pays", "(a and b and not (known.s))"),
            ],
        ),
        (
            "logsource: {product: windows, category: process_creation}",
            "{rules: any, selection: {User|startswith: adm_}, condition: not selection}",
            &[("other", "(a and not known.selection)")],
        ),
        (
            "logsource: {product: chat, category: payment}",
            "{rules: [pays], s: FRIENDS, condition: not s}",
            &[("pays", "(a and b and not known.s)")],
        ),
        ("status: unsupported", "{rules: [pays], s: FRIENDS, condition: not s}", &[]),
    ];
    for (head, filter, changed) in cases {
        let filter = filter.replace("FRIENDS", friends);
        let (rules, codes) = filtered(&format!("title: t\nname: known\n{head}\nfilter: {filter}\n"));
        assert_eq!((rules, codes), (with(changed), Vec::new()), "{filter}");
    }
}

#[test]
fn filters_add_up_in_the_order_of_the_files() {
    let one = |name: &str| {
        format!(
            "title: t\nname: {name}\nfilter: {{rules: [ask_age], s: {{room.kind: group}}, condition: not s}}\n"
        )
    };
    let (rules, codes) = filtered(&format!("{}---\n{}", one("z"), one("b")));
    assert_eq!((rules[0].1.as_str(), codes.as_slice()), ("(asks and not z.s and not b.s)", &[][..]));
}

/// The specification's own example, in other words: legal, and inverted.
#[test]
fn a_filter_without_not_is_added_as_it_is_written_and_told() {
    let text = "title: Filter administrators
description: The accounts of administrators begin with adm_
name: admins
logsource:
    category: message
    product: chat
filter:
    rules:
        - 6f3e2987-db24-4c78-a860-b4f4095a7095 # Asks an age
    selection:
        sender.id|startswith: 'adm_'
    condition: selection
";
    let (rules, codes) = filtered(text);
    assert_eq!(
        (rules[0].1.as_str(), codes.as_slice()),
        ("(asks and admins.selection)", &[Code::FilterInverts][..])
    );
    let (_, codes) = filtered(&format!("{text}allow: [filter-inverts]\n"));
    assert_eq!(codes, []);
}
