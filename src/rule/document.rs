//! A rule document's own keys: who it is, what it looks at, what becomes of its findings.

use super::codes::Code;
use super::diagnostic::{Diagnostic, Severity};
use super::model::{Detection, Level, Origin, Review, Rule, Status};
use super::reader::{Reader, listed, nearest, suggest};
use super::shape::{Key, Takes, names};
use super::source::Span;
use super::syntax::{Entry, Kind, Node};
use super::{detection, example};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::Arc;

/// The keys of a rule. Those of Sigma that carry no meaning for matching are accepted and left alone.
pub(super) const KEYS: &[Key] = &[
    ("title", Takes::Text, "What the rule finds, in one line for people."),
    ("id", Takes::Name, "By which flags know the rule: never changed, best a UUID as `uuidgen` makes them."),
    ("name", Takes::Name, "A short, readable name by which other rules refer to this one."),
    ("related", Takes::Anything, "Rules that this one has to do with, by id and how (Sigma; not read)."),
    ("taxonomy", Takes::Anything, "Whose names of fields these are (Sigma; not read)."),
    (
        "status",
        Takes::Choice(STATUSES),
        "`stable`, `test` and `experimental` (if left out) are in use. `shadow`: evaluated and kept from reviewers. \
         `deprecated` and `unsupported`: kept for the record only.",
    ),
    ("description", Takes::Anything, "What it is about, at length, for people."),
    ("license", Takes::Anything, "Under which terms the rule may be used."),
    ("author", Takes::Anything, "Who wrote it."),
    ("references", Takes::Anything, "Where to read more: a list of links."),
    ("date", Takes::Anything, "When it was written: `2026-01-31`."),
    ("modified", Takes::Anything, "When its meaning was last changed."),
    ("logsource", Takes::Part("logsource"), "Which events the rule looks at; left out, every event."),
    (
        "detection",
        Takes::Part("detection"),
        "What is looked for: named selections, and a condition over them.",
    ),
    ("fields", Takes::Anything, "Fields worth a look in what was found (Sigma; not read)."),
    ("falsepositives", Takes::Anything, "The harmless things that look the same: a list, for people."),
    ("level", Takes::Level, "How grave a finding is; `medium` if left out."),
    ("tags", Takes::Texts, "Labels, `namespace.name`."),
    ("scope", Takes::Anything, "Where the rule is meant to be used (Sigma; not read)."),
    ("simulation", Takes::Anything, "How to provoke what it finds (Sigma; not read)."),
    ("regression_tests_path", Takes::Anything, "Where Sigma's own tests of it are (not read)."),
    ("review", Takes::Part("review"), "What becomes of findings."),
    ("tests", Takes::Part("tests"), "The rule's own tests, which `wardline test` runs."),
    ("allow", Takes::Part("allow"), "Warnings of `wardline check` that are accepted for this rule."),
    (
        "allow_unanchored",
        Takes::Bool,
        "Accepts that no literal text selects the events worth a look, so the rule is evaluated on all of them.",
    ),
    ("custom", Takes::Anything, "Notes of your own."),
];

/// The keys of `review`.
pub(super) const REVIEW_KEYS: &[Key] = &[
    (
        "score",
        Takes::Whole { least: 0, most: 100 },
        "Weight of a finding, 0 to 100; the level's own if left out.",
    ),
    ("queue", Takes::Text, "The reviewers' queue; `default` if left out."),
    ("publish", Takes::Bool, "Whether findings become flags; true if left out."),
];

/// The keys of `logsource`.
pub(super) const LOGSOURCE_KEYS: &[Key] = &[
    ("product", Takes::Text, "`chat`; a log source of another product constrains nothing."),
    ("category", Takes::Part("category"), "Which types of event."),
    ("service", Takes::Anything, "Which service (Sigma; not read)."),
    ("definition", Takes::Anything, "What has to be set up for there to be such events (Sigma; not read)."),
];
const STATUSES: &[&str] = &["stable", "test", "experimental", "shadow", "deprecated", "unsupported"];

/// `logsource.category` and the event types that it stands for.
pub const CATEGORIES: &[(&str, &[&str])] = &[
    ("message", &["chat.message", "chat.edited", "transcript.segment"]),
    ("payment", &["payment", "gift"]),
    (
        "session",
        &[
            "session.scheduled",
            "session.started",
            "session.ended",
            "viewer.joined",
            "viewer.left",
            "visibility.changed",
            "call.started",
            "recording.state",
        ],
    ),
    ("account", &["account.action", "report.filed"]),
];

/// A rule with the places that checks across files mark.
pub(super) struct Read {
    pub(super) rule: Rule,
    pub(super) id: Span,
    pub(super) name: Option<Span>,
}

/// What is known of a document while it is read.
#[derive(Default)]
struct Draft {
    id: Option<(String, Span)>,
    name: Option<(String, Span)>,
    title: Option<String>,
    status: Status,
    level: Level,
    tags: Vec<String>,
    event_types: Vec<String>,
    detection: Option<(Option<Detection>, Span)>,
    review: Review,
    tests: Vec<super::model::Example>,
    allow: Vec<Code>,
    allow_unanchored: bool,
    /// Keys that are there, whether or not their values could be read.
    seen: Vec<&'static str>,
    /// Keys that mean nothing, and were reported.
    unknown: Vec<Arc<str>>,
}

/// Reads a document. None if it has errors, which are then reported.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Read> {
    let before = reader.out.len();
    reader.patterns = 0;
    let Kind::Map(entries) = &node.kind else {
        let message =
            format!("a rule is a map with `title`, `detection` and so on, found {}", node.describe());
        reader.error(Code::NotARule, node.span, message);
        return None;
    };
    if let Some(entry) =
        entries.iter().find(|entry| matches!(&*entry.key.text, "correlation" | "filter" | "action"))
    {
        unsupported(reader, entry);
        return None;
    }
    let mut draft = Draft::default();
    for entry in entries {
        key(reader, &mut draft, entry);
    }
    let start = entries.first().map_or(node.span, |entry| entry.key.span);
    let read = finish(reader, draft, start);
    let failed = reader.out.iter().skip(before).any(|found| found.severity() == Severity::Error);
    read.filter(|_| !failed)
}

fn unsupported(reader: &mut Reader<'_>, entry: &Entry) {
    let (what, help) = match &*entry.key.text {
        "correlation" => {
            ("correlations are", "take it out of the folder of rules: a set with an error is not used")
        }
        "filter" => (
            "filter documents are",
            "write the exclusion into the rule: a selection, and `not` in the condition",
        ),
        _ => (
            "rule collections (`action:`) are",
            "write the shared part into each rule; YAML anchors help within a file",
        ),
    };
    let message = format!("{what} not supported yet");
    reader.push(Diagnostic::new(Code::NotSupportedYet, entry.key.span, message).help(help));
}

fn key(reader: &mut Reader<'_>, draft: &mut Draft, entry: &Entry) {
    let Some((known, ..)) = KEYS.iter().find(|(known, ..)| *known == &*entry.key.text) else {
        draft.unknown.push(entry.key.text.clone());
        return reader.unknown_key(entry, "a rule", &names(KEYS));
    };
    draft.seen.push(known);
    let value = &entry.value;
    match *known {
        "title" => draft.title = reader.text(value, "`title`").map(str::to_owned),
        "id" => draft.id = identifier(reader, value, "`id`"),
        "name" => draft.name = identifier(reader, value, "`name`"),
        "status" => draft.status = reader.choice(value, "`status`", STATUSES, status).unwrap_or_default(),
        "level" => {
            let names = Level::ALL.map(Level::name);
            draft.level = reader.choice(value, "`level`", &names, Level::from_name).unwrap_or_default();
        }
        "tags" => draft.tags = texts(reader, value, "`tags`"),
        "logsource" => draft.event_types = logsource(reader, value),
        "detection" => draft.detection = Some((detection::read(reader, value), entry.key.span)),
        "review" => draft.review = review(reader, value),
        "tests" => draft.tests = example::read(reader, value),
        "allow" => draft.allow = allow(reader, value),
        "allow_unanchored" => {
            draft.allow_unanchored =
                reader.bool(value, "`allow_unanchored`", Code::WrongType).unwrap_or(false);
        }
        _ => {}
    }
}

fn finish(reader: &mut Reader<'_>, draft: Draft, start: Span) -> Option<Read> {
    for required in ["title", "detection"] {
        let misspelt =
            draft.unknown.iter().any(|key| nearest(key, names(KEYS).into_iter()) == Some(required));
        if !draft.seen.contains(&required) && !misspelt {
            let message = format!("the rule has no `{required}`");
            reader.error(Code::MissingKey, start, message);
        }
    }
    if draft.id.is_none() && !draft.seen.iter().any(|key| matches!(*key, "id" | "name")) {
        let found = missing_id(reader, draft.title.as_deref().unwrap_or_default(), start);
        reader.push(found);
    }
    let (id, id_span) = draft.id.clone().or_else(|| draft.name.clone())?;
    let name_span = draft.name.as_ref().map(|(_, span)| *span);
    let name = draft.name.map_or_else(|| id.clone(), |(name, _)| name);
    let (detection, span) = draft.detection?;
    let file = reader.map.file(start.file).map(|file| file.name().clone()).unwrap_or_default();
    let origin = Origin { file, line: reader.map.position(start).line, span };
    let rule = Rule {
        id,
        name,
        title: draft.title?,
        status: draft.status,
        level: draft.level,
        tags: draft.tags,
        event_types: draft.event_types,
        detection: detection?,
        review: draft.review,
        tests: draft.tests,
        allow_unanchored: draft.allow_unanchored,
        allow: draft.allow,
        origin,
    };
    Some(Read { rule, id: id_span, name: name_span })
}

/// A rule without id and name; the fix is a line of its own before the first key, which `start` marks.
fn missing_id(reader: &Reader<'_>, title: &str, start: Span) -> Diagnostic {
    let found = Diagnostic::new(Code::MissingKey, start, "the rule has neither `id` nor `name`");
    let found = found.help("flags are identified by the rule's id; correlations refer to its name");
    let id = suggested_id(reader.map.text(start), title, start);
    match reader.line_before(start, &format!("id: {id}")) {
        Some(line) => found.fix(start.start_point(), line, "give it an id"),
        None => found,
    }
}

/// A UUID (version 8) made from the rule itself: the same rule gets the same suggestion every time.
fn suggested_id(first_key: &str, title: &str, start: Span) -> String {
    let mut hasher = Sha256::new();
    for part in ["wardline rule id", first_key, title] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(start.start.to_le_bytes());
    let mut bytes = hasher.finalize();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut id = String::with_capacity(36);
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        // Writing to a String cannot fail.
        write!(id, "{byte:02x}").unwrap_or_default();
    }
    id
}

fn identifier(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<(String, Span)> {
    let text = reader.text(node, what)?;
    let sound = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if text.chars().all(sound) && text.len() <= 200 {
        return Some((text.to_owned(), node.span));
    }
    let message = format!("{what} can only hold letters, digits, `_`, `-` and `.`, at most 200 bytes");
    let fixed: String = text.chars().map(|c| if sound(c) { c } else { '_' }).take(200).collect();
    reader.push(Diagnostic::new(Code::BadName, node.span, message).fix(node.span, fixed, "write it so"));
    None
}

fn status(name: &str) -> Option<Status> {
    Some(match name {
        "stable" => Status::Stable,
        "test" => Status::Test,
        "experimental" => Status::Experimental,
        "shadow" => Status::Shadow,
        "deprecated" | "unsupported" => Status::Retired,
        _ => return None,
    })
}

fn texts(reader: &mut Reader<'_>, node: &Node, what: &str) -> Vec<String> {
    let Some(items) = reader.items(node, what) else { return Vec::new() };
    let item = format!("an item of {what}");
    items.iter().filter_map(|node| reader.text(node, &item).map(str::to_owned)).collect()
}

/// Warnings that the author accepts. An error cannot be accepted.
fn allow(reader: &mut Reader<'_>, node: &Node) -> Vec<Code> {
    let Some(items) = reader.items(node, "`allow`") else { return Vec::new() };
    items.iter().filter_map(|node| warning(reader, node)).collect()
}

fn warning(reader: &mut Reader<'_>, node: &Node) -> Option<Code> {
    let text = reader.text(node, "an item of `allow`")?;
    let found = Code::find(text).filter(|code| code.severity() == Severity::Warning);
    if found.is_none() {
        let message = format!("`{text}` is no warning");
        let found = Diagnostic::new(Code::BadValue, node.span, message);
        let found = found.help("it takes the numbers or names of warnings, as `wardline check` shows them");
        let warnings = Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
        reader.push(suggest(found, node.span, text, warnings.map(|code| code.name())));
    }
    found
}

fn logsource(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let Some(entries) = reader.map(node, "`logsource`") else { return Vec::new() };
    let mut product = None;
    let mut category = None;
    for entry in entries {
        match &*entry.key.text {
            "product" => product = reader.text(&entry.value, "`product`").map(|text| (text, &entry.value)),
            "category" => category = reader.text(&entry.value, "`category`").map(|text| (text, &entry.value)),
            "service" | "definition" => {}
            _ => reader.unknown_key(entry, "`logsource`", &names(LOGSOURCE_KEYS)),
        }
    }
    match (product, category) {
        (None | Some(("chat", _)), Some((name, node))) => types_of(reader, name, node, product.is_some()),
        (Some((name, node)), Some(_)) => {
            other_product(reader, name, node);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Another product's log source says nothing about chat events; `Chat` is probably none.
fn other_product(reader: &mut Reader<'_>, name: &str, node: &Node) {
    if nearest(name, std::iter::once("chat")).is_some() {
        let message = format!("the product is `chat`, not `{name}`, so the category is left out of account");
        let found = Diagnostic::new(Code::OtherProduct, node.span, message);
        reader.push(found.fix(node.span, "chat", "write `chat`"));
    }
}

fn types_of(reader: &mut Reader<'_>, name: &str, node: &Node, chat: bool) -> Vec<String> {
    if let Some((_, types)) = CATEGORIES.iter().find(|(known, _)| *known == name) {
        return types.iter().map(|kind| (*kind).to_owned()).collect();
    }
    let names: Vec<_> = CATEGORIES.iter().map(|(known, _)| *known).collect();
    if chat || nearest(name, names.iter().copied()).is_some() {
        let message = format!("there is no category `{name}` of chat events");
        let found = Diagnostic::new(Code::BadValue, node.span, message);
        let found = found.help(format!(
            "it is one of {}; without a category the rule looks at every event",
            listed(&names)
        ));
        reader.push(suggest(found, node.span, name, names.into_iter()));
    }
    Vec::new()
}

fn review(reader: &mut Reader<'_>, node: &Node) -> Review {
    let mut review = Review::default();
    let Some(entries) = reader.map(node, "`review`") else { return review };
    for entry in entries {
        let value = &entry.value;
        match &*entry.key.text {
            "score" => review.score = score(reader, value),
            "queue" => {
                if let Some(queue) = reader.text(value, "`queue`") {
                    queue.clone_into(&mut review.queue);
                }
            }
            "publish" => review.publish = reader.bool(value, "`publish`", Code::WrongType).unwrap_or(true),
            "suppress" => {
                let message = "`suppress` needs a key to hold per, which only correlations have";
                let found = Diagnostic::new(Code::UnknownKey, entry.key.span, message);
                reader.push(found.help("correlations are not supported yet: leave it out"));
            }
            _ => reader.unknown_key(entry, "`review`", &names(REVIEW_KEYS)),
        }
    }
    review
}

fn score(reader: &mut Reader<'_>, node: &Node) -> Option<u32> {
    let text = reader.text(node, "`score`")?;
    let score = text.parse().ok().filter(|score| *score <= 100);
    if score.is_none() {
        reader.error(
            Code::BadValue,
            node.span,
            format!("`score` is a whole number from 0 to 100, not `{text}`"),
        );
    }
    score
}
