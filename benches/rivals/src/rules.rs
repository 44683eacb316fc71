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
    /// The folded view alone; three rules in ten are an expression that the phrase satisfies too.
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
        Form::Mixed if is_expression(number) => {
            format!("text.folded|re: {}", quoted(&loose_expression(phrase)))
        }
        Form::Mixed => test(number, phrase, Form::Folded),
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
    let expression = |(number, phrase): (usize, &String)| {
        if is_expression(number) { loose_expression(phrase) } else { format!(r"\b{phrase}\b") }
    };
    phrases.iter().enumerate().map(expression).collect()
}

fn is_expression(number: usize) -> bool {
    number % 10 < 3
}

/// `copper kettle near the lamp` as `\bcopper\s+kettle.{1,3}near the (lamp|lamps)\b`.
fn loose_expression(phrase: &str) -> String {
    let words: Vec<&str> = phrase.split(' ').collect();
    let [first, second, middle @ .., last] = words.as_slice() else {
        panic!("a phrase of the load has at least three words");
    };
    let tail = [middle, &[&*format!("({last}|{last}s)")]].concat().join(" ");
    format!(r"\b{first}\s+{second}.{{1,3}}{tail}\b")
}
