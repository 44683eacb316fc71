//! `review`: what becomes of a rule's or a correlation's findings.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::model::Review;
use super::reader::Reader;
use super::shape::{Key, Takes, names};
use super::syntax::{Entry, Node};
use super::timespan;

/// The keys of `review`.
pub(super) const KEYS: &[Key] = &[
    (
        "score",
        Takes::Whole { least: 0, most: 100 },
        "Weight of a finding, 0 to 100; the level's own if left out.",
    ),
    ("queue", Takes::Text, "The reviewers' queue; `default` if left out."),
    ("publish", Takes::Bool, "Whether findings become flags; true if left out."),
];

/// What a correlation's `review` says besides.
pub(super) const SUPPRESS: Key = (
    "suppress",
    Takes::Part("timespan"),
    "For how long after a finding the same key makes no further flag: `24h`.",
);

/// Reads the `review` of a rule, whose findings have no key.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Review {
    entries(reader, node, &names(KEYS), |reader, entry| {
        let message = "`suppress` needs a key to hold per, which only correlations have";
        let found = Diagnostic::new(Code::UnknownKey, entry.key.span, message);
        let help = "once per sender is `publish: false` here, and a correlation over this rule: `type: event_count`, \
                    `group-by: [sender.id]`, `condition: {gte: 1}`, with `review: {suppress: …}` of its own";
        reader.push(found.help(help));
    })
}

/// Reads the `review` of a correlation, and for how long a key is silent after it fired, in milliseconds.
pub(super) fn with_suppress(reader: &mut Reader<'_>, node: &Node) -> (Review, Option<u64>) {
    let mut suppress = None;
    let keys = names(&[KEYS, &[SUPPRESS]].concat());
    let review = entries(reader, node, &keys, |reader, entry| {
        suppress = timespan::read(reader, &entry.value, "`suppress`");
    });
    (review, suppress)
}

fn entries(
    reader: &mut Reader<'_>,
    node: &Node,
    keys: &[&str],
    mut suppress: impl FnMut(&mut Reader<'_>, &Entry),
) -> Review {
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
            "suppress" => suppress(reader, entry),
            _ => reader.unknown_key(entry, "`review`", keys),
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
