//! `logsource`: which events a rule looks at, and to which rules a filter may be added.
//!
//! Of chat's own product a category stands for event types. Another product's log source says nothing about chat
//! events, and constrains nothing; it is kept all the same, for a filter is meant for the rules of its own product.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::reader::{Reader, listed, nearest, suggest};
use super::shape::{Key, Takes, names};
use super::syntax::{Entry, Kind, Node};

/// The keys of `logsource`.
pub(super) const KEYS: &[Key] = &[
    ("product", Takes::Text, "`chat`; a log source of another product constrains nothing."),
    ("category", Takes::Part("category"), "Which types of event."),
    ("service", Takes::Anything, "Which service (Sigma; not read)."),
    ("definition", Takes::Anything, "What has to be set up for there to be such events (Sigma; not read)."),
];

/// The product that is meant where none is named.
const CHAT: &str = "chat";

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

/// A log source as it is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Logsource {
    product: Option<String>,
    category: Option<String>,
    service: Option<String>,
    /// The event types that it stands for; empty for all.
    pub(super) types: Vec<String>,
}

impl Logsource {
    /// True if whatever this one looks at is of the other, too: what the other names, this one names alike.
    pub(super) fn within(&self, other: &Logsource) -> bool {
        let product = self.product.as_deref().unwrap_or(CHAT);
        let same = |own: &Option<String>, other: &Option<String>| other.is_none() || own == other;
        other.product.as_deref().is_none_or(|other| other == product)
            && same(&self.category, &other.category)
            && same(&self.service, &other.service)
    }
}

/// True of a document that names chat's own product: told before it is read, whatever the order of its keys.
pub(super) fn is_chat(document: &[Entry]) -> bool {
    let value = |entries: &[Entry], key: &str| {
        entries.iter().find(|entry| &*entry.key.text == key).map(|entry| entry.value.clone())
    };
    let product = value(document, "logsource").and_then(|node| match &node.kind {
        Kind::Map(entries) => value(entries, "product"),
        _ => None,
    });
    product.is_some_and(|node| node.scalar().is_some_and(|scalar| &*scalar.text == CHAT))
}

/// Reads `logsource`.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Logsource {
    let mut logsource = Logsource::default();
    let Some(entries) = reader.map(node, "`logsource`") else { return logsource };
    let (mut product, mut category) = (None, None);
    for entry in entries {
        let value = &entry.value;
        match &*entry.key.text {
            "product" => product = reader.text(value, "`product`").map(|text| (text, value)),
            "category" => category = reader.text(value, "`category`").map(|text| (text, value)),
            "service" => logsource.service = reader.text(value, "`service`").map(str::to_owned),
            "definition" => {}
            _ => reader.unknown_key(entry, "`logsource`", &names(KEYS)),
        }
    }
    logsource.types = match (product, category) {
        (None | Some((CHAT, _)), Some((name, node))) => types_of(reader, name, node, product.is_some()),
        (Some((name, node)), Some(_)) => {
            other_product(reader, name, node);
            Vec::new()
        }
        _ => Vec::new(),
    };
    let owned = |named: Option<(&str, _)>| named.map(|(text, _)| text.to_owned());
    (logsource.product, logsource.category) = (owned(product), owned(category));
    logsource
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
