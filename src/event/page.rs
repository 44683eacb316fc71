//! The reference page of the event's fields, made from the tables of fields, types and mappings.

use super::canonical::{FIELDS, PERSON, ROLES, Row, TYPES};
use super::{DERIVED, Mapping, Preset};

const HEAD: &str = r#"# Fields of an event

<!-- generated from src/event/canonical.rs and src/event/mapping/presets.rs; `BLESS=1 cargo test --test integration fields` rewrites it -->

An event is one JSON object: a message, or a record of a stream, a payment, an account. This is a message:

```json
{"id": "m1", "time": "2026-11-23T10:00:00Z", "type": "chat.message", "platform": "demo",
 "room": {"id": "r1", "kind": "direct", "topic": "maths"},
 "sender": {"id": "u1", "name": "Ann", "age_band": "adult", "account_age_days": 3},
 "recipient": {"id": "u2", "age_band": "13-15"},
 "lang": "en", "text": "did you do your homework?"}
```

A rule names a field by its path, with dots: `sender.age_band` is the `age_band` inside `sender`. Every field may be missing;
an event needs a `type` or a `text`. Any other field of your platform can be named as well. What the types mean for
comparing stands in [LANGUAGE.md](LANGUAGE.md#fields).

Where words are listed, they are those of Wardline's own format, which the bundled rules and those of others expect.
Wardline refuses no other word; a rule that looks for `adult` just does not find `Adult` in such a field.
"#;

const DERIVED_HEAD: &str = "
## Derived fields

Wardline computes these itself when a rule asks for them. What an event says under these names is not read.

";

const TYPES_HEAD: &str = "
## Event types

The values of `type`. A rule with a `category` in its `logsource` looks at the types of that category alone, a rule without
one at all of them.

";

const PRESETS_HEAD: &str = "
## Presets

A preset says where a platform's own events keep these fields; `[events]` in the configuration chooses one and changes it.
Where several paths stand, the first that is there and is not null is taken. A field that the preset does not name is
looked for under its own name, and a type that it does not name stays as the platform writes it.
";

/// Sections: what paths begin with, the heading.
const SECTIONS: &[(&str, &str)] = &[
    ("", "The event itself"),
    ("room.", "The room: `room.`"),
    ("session.", "The stream or call: `session.`"),
    ("payment.", "Money: `payment.`"),
];

/// Presets and what they are for.
const PRESETS: &[(Preset, &str)] = &[
    (Preset::Canonical, "The event as this page describes it: every field under its own name."),
    (Preset::Discord, "A message object as Discord's API gives it, bare or as the gateway sends it."),
    (Preset::Twitch, "A notification of Twitch's EventSub, from a web hook or a web socket."),
    (
        Preset::Generic,
        "Any JSON object of any product; it needs neither `type` nor `text`. Its `id` may be that of anything: events \
         are known by their place in the log, unless `[events.fields]` says where their ids stand.",
    ),
];

/// The page as Markdown. `categories` are those of the rule language, each with its event types.
pub fn reference(categories: &[(&str, &[&str])]) -> String {
    let sections: String = SECTIONS.iter().map(|(prefix, heading)| section(prefix, heading)).collect();
    let derived: String = FIELDS.iter().filter(|row| is_derived(row)).map(row).collect();
    let presets: String = PRESETS.iter().map(|(preset, meaning)| of_preset(*preset, meaning)).collect();
    let (people, types) = (people(), types(categories));
    [HEAD, &sections, &people, DERIVED_HEAD, TABLE_HEAD, &derived, &types, PRESETS_HEAD, &presets].concat()
}

const TABLE_HEAD: &str = "| field | type | what it says |\n|---|---|---|\n";

fn is_derived(row: &Row) -> bool {
    DERIVED.iter().any(|(path, _)| *path == row.0)
}

fn row((path, kind, meaning): &Row) -> String {
    format!("| `{path}` | {kind} | {meaning} |\n")
}

fn section(prefix: &str, heading: &str) -> String {
    let own = |row: &&Row| row.0.starts_with(prefix) && (!prefix.is_empty() || !row.0.contains('.'));
    let rows: String = FIELDS.iter().filter(own).filter(|row| !is_derived(row)).map(row).collect();
    format!("\n## {heading}\n\n{TABLE_HEAD}{rows}")
}

fn people() -> String {
    let roles: String = ROLES.iter().map(role).collect();
    let rows: String = PERSON.iter().map(row).collect();
    format!(
        "\n## People: `sender.`, `recipient.`, `session.host.`\n\n{roles}\nEach has:\n\n{TABLE_HEAD}{rows}"
    )
}

fn role((role, meaning): &(&str, &str)) -> String {
    format!("* `{role}.`: {meaning}\n")
}

fn types(categories: &[(&str, &[&str])]) -> String {
    let row = |(kind, meaning): &(&str, &str)| {
        let category = categories.iter().find(|(_, kinds)| kinds.contains(kind));
        let category = category.map_or_else(|| "–".to_owned(), |(name, _)| format!("`{name}`"));
        format!("| `{kind}` | {category} | {meaning} |\n")
    };
    let rows: String = TYPES.iter().map(row).collect();
    format!("{TYPES_HEAD}| type | category | what happened |\n|---|---|---|\n{rows}")
}

fn of_preset(preset: Preset, meaning: &str) -> String {
    let mapping = Mapping::preset(preset);
    let sources: String = mapping.sources().map(|(path, from)| pair(path, &quoted(from))).collect();
    let constants: String = mapping
        .constants()
        .map(|(path, value)| pair(path, &format!("`{value}` where the event says nothing")))
        .collect();
    let types: String = mapping.types().map(|(own, kind)| pair(own, &format!("`{kind}`"))).collect();
    let wrappers = match mapping.wrappers() {
        [] => String::new(),
        wrappers => format!("Each path is also looked for inside {}.\n", quoted(wrappers)),
    };
    let fields = table("| field | read from |", &[sources, constants].concat());
    let types = table("| its own type | type |", &types);
    format!("\n### `{preset}`\n\n{meaning}\n{wrappers}{fields}{types}")
}

/// A table of two columns; nothing without rows.
fn table(head: &str, rows: &str) -> String {
    if rows.is_empty() { String::new() } else { format!("\n{head}\n|---|---|\n{rows}") }
}

fn pair(name: &str, value: &str) -> String {
    format!("| `{name}` | {value} |\n")
}

fn quoted(paths: &[String]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}
