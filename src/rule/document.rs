//! A document: which of the three kinds it is, and a rule's own keys.
//!
//! A document says by a key what it is: `detection`, `correlation` or `filter`. It is judged by itself here; what
//! documents say of one another is [`super::set`]'s.

use super::codes::Code;
use super::correlation::{self, Draft};
use super::diagnostic::{Diagnostic, Severity};
use super::filter::{self, Filter};
use super::head::{Head, Identity, STATUSES, Shape};
use super::logsource::{self, Logsource};
use super::model::{Detection, Example, Review, Rule};
use super::reader::{Reader, nearest};
use super::shape::{self, Key, Takes};
use super::source::Span;
use super::syntax::{Entry, Kind, Node};
use super::{detection, example, exception, misplaced, review};

/// The keys of a rule. Those of Sigma that carry no meaning for matching are accepted and left alone.
pub(super) const KEYS: [Key; 27] = [
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
    (
        "exceptions",
        Takes::Part("exceptions"),
        "What the rule is not to flag for a while, and who answers for that.",
    ),
    ("tests", Takes::Part("tests"), "The rule's own tests, which `wardline test` runs."),
    ("allow", Takes::Part("allow"), "Warnings of `wardline check` that are accepted for this rule."),
    (
        "allow_unanchored",
        Takes::Bool,
        "Accepts that no literal text selects the events worth a look, so the rule is evaluated on all of them.",
    ),
    ("custom", Takes::Anything, "Notes of your own."),
];

const NAMES: [&str; 27] = shape::names_of(&KEYS);

const SHAPE: Shape = Shape {
    noun: "rule",
    keys: &[&NAMES],
    required: &["title", "detection"],
    id_serves: "flags are identified by the rule's id; correlations refer to its name",
};

/// A document as far as it can be judged by itself.
pub(super) struct Read {
    /// By what it is known, if it says so, whether or not it can be used.
    pub(super) identity: Option<Identity>,
    /// What it says; none if it has errors, which are then reported.
    pub(super) body: Option<Body>,
}

/// What a document says.
pub(super) enum Body {
    Rule(Box<Rule>, Logsource),
    Correlation(Box<Draft>),
    Filter(Box<Filter>),
}

/// Reads a document. None if it is of no kind that there is.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Read> {
    let before = reader.out.len();
    reader.patterns = 0;
    let Kind::Map(entries) = &node.kind else {
        let message =
            format!("a rule is a map with `title`, `detection` and so on, found {}", node.describe());
        reader.error(Code::NotARule, node.span, message);
        return None;
    };
    if let Some(entry) = entries.iter().find(|entry| &*entry.key.text == "action") {
        collection(reader, entry);
        return None;
    }
    reader.chat = logsource::is_chat(entries);
    let mut read = match deciding(entries) {
        "correlation" => correlation::read(reader, entries, node.span),
        "filter" => filter::read(reader, entries, node.span),
        _ => rule(reader, entries, node.span),
    };
    let failed = reader.out.iter().skip(before).any(|found| found.severity() == Severity::Error);
    read.body = read.body.filter(|_| !failed);
    Some(read)
}

/// The key by which the document says what it is; a misspelt one counts if there is no other.
fn deciding(entries: &[Entry]) -> &'static str {
    const KINDS: [&str; 3] = ["detection", "correlation", "filter"];
    let by = |fits: fn(&str, &'static str) -> bool| {
        KINDS.into_iter().find(|kind| entries.iter().any(|entry| fits(&entry.key.text, kind)))
    };
    let found = by(|key, kind| key == kind);
    let resembling = || by(|key, kind| nearest(key, std::iter::once(kind)).is_some());
    found.or_else(resembling).unwrap_or("detection")
}

fn collection(reader: &mut Reader<'_>, entry: &Entry) {
    let message = "rule collections (`action:`) are of an older Sigma, and are not read";
    let help = "write the shared part into each rule; YAML anchors help within a file";
    reader.push(Diagnostic::new(Code::NotSupportedYet, entry.key.span, message).help(help));
}

/// What is a rule's own.
#[derive(Default)]
struct Own {
    logsource: Logsource,
    detection: Option<(Option<Detection>, Span)>,
    review: Review,
    exceptions: Vec<exception::Read>,
    tests: Vec<Example>,
    allow_unanchored: bool,
}

fn rule(reader: &mut Reader<'_>, entries: &[Entry], whole: Span) -> Read {
    let mut own = Own::default();
    let head = Head::read(reader, &SHAPE, entries, whole, |reader, known, entry| {
        let value = &entry.value;
        match known {
            "logsource" => own.logsource = logsource::read(reader, value),
            "detection" => {
                let said = reader.out.len();
                own.detection = Some((detection::read(reader, value, "detection"), entry.key.span));
                misplaced::tell(reader, value, said);
            }
            "review" => own.review = review::read(reader, value),
            "exceptions" => own.exceptions = exception::read(reader, value),
            "tests" => own.tests = example::read(reader, value),
            "allow_unanchored" => {
                let read = reader.bool(value, "`allow_unanchored`", Code::WrongType);
                own.allow_unanchored = read.unwrap_or(false);
            }
            _ => {}
        }
    });
    let identity = head.finish(reader, &SHAPE);
    let body = identity.as_ref().and_then(|identity| checked(reader, head, identity, own));
    Read { identity, body }
}

fn checked(reader: &Reader<'_>, head: Head, identity: &Identity, own: Own) -> Option<Body> {
    let (detection, span) = own.detection?;
    let (detection, exceptions) = exception::applied(detection?, own.exceptions);
    let rule = Rule {
        id: identity.id.clone(),
        name: identity.name.clone(),
        origin: head.origin(reader, span),
        title: head.title?,
        status: head.status,
        level: head.level,
        tags: head.tags,
        event_types: own.logsource.types.clone(),
        detection,
        review: own.review,
        exceptions,
        tests: own.tests,
        allow_unanchored: own.allow_unanchored,
    };
    Some(Body::Rule(Box::new(rule), own.logsource))
}
