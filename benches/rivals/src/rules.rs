//! A corpus's phrases as rules: of Wardline, of Sigma, and as expressions.

use wardline::event::FieldTable;
use wardline::rule::{self, Lists, Rule, SourceMap};

/// In which readings the rules look, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Phrases in the folded view alone.
    Folded,
    /// Phrases in every view that is safe for them: what a rule says unless told otherwise.
    Automatic,
    /// The same, but without the slips of the fingers for which such a rule is looked for as well.
    Spelt,
    /// The folded view alone; three rules in ten are an expression.
    Mixed,
}

/// Checked rules, one a phrase; the title of each is its number.
pub(crate) fn checked(phrases: &[String], form: Form) -> Vec<Rule> {
    let mut map = SourceMap::default();
    for (number, phrase) in phrases.iter().enumerate() {
        map.add(&format!("{number}.yml"), &yaml(number, &test(number, phrase, form)));
    }
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert_eq!(loaded.rules.len(), phrases.len(), "{:?}", loaded.diagnostics.first());
    loaded.rules
}

fn test(number: usize, phrase: &str, form: Form) -> String {
    match form {
        Form::Folded => format!("text.folded|phrase: {}", quoted(phrase)),
        Form::Automatic | Form::Spelt => format!("text|phrase: {}", quoted(phrase)),
        Form::Mixed => match expression(number, phrase) {
            Some(expression) => format!("text.folded|re: {}", quoted(&expression)),
            None => test(number, phrase, Form::Folded),
        },
    }
}

/// A Sigma rule with one test of the text; the title is its number.
pub(crate) fn yaml(number: usize, test: &str) -> String {
    format!(
        "title: '{number}'\nid: 00000000-0000-4000-8000-{number:012}\n\
         logsource: {{product: chat, category: message}}\ndetection:\n  phrase:\n    {test}\n  condition: phrase\n\
         level: low\n"
    )
}

/// A YAML string.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The rules of [`Form::Mixed`] as expressions over folded text: the phrases as they are written, between words.
pub(crate) fn expressions(phrases: &[String]) -> Vec<String> {
    let written = |(number, phrase): (usize, &String)| {
        expression(number, phrase).unwrap_or_else(|| format!(r"\b{phrase}\b"))
    };
    phrases.iter().enumerate().map(written).collect()
}

/// Whether the rule of a phrase is an expression in [`Form::Mixed`].
pub(crate) fn is_expression(number: usize, phrase: &str) -> bool {
    expression(number, phrase).is_some()
}

/// Three rules in ten as an expression, in turns with a choice, a word that may be left out, and a gap:
/// `cow laughed` as `\b(cow|cows)\s+laughed\b`, `\bcow\s+(\w+\s+)?laughed\b` or `\bcow.{0,20}laughed\b`. None of a phrase
/// that has too few letters after its first word, which neither side could look for.
fn expression(number: usize, phrase: &str) -> Option<String> {
    let (first, rest) = phrase.split_once(' ').filter(|(_, rest)| rest.len() >= FEWEST)?;
    match number % 10 {
        0 => Some(format!(r"\b({first}|{first}s)\s+{rest}\b")),
        1 => Some(format!(r"\b{first}\s+(\w+\s+)?{rest}\b")),
        2 => Some(format!(r"\b{first}.{{0,20}}{rest}\b")),
        _ => None,
    }
}

/// Letters, with spaces, that an expression has in a row at least.
const FEWEST: usize = 4;
