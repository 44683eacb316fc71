//! The file of a policy: which diagnostics are told, and which are errors.
//!
//! ```toml
//! [levels]
//! no-tests = "warning"      # by name or number: "off", "warning" or "error"
//! R912 = "error"
//! ```
//!
//! TOML, as the configuration is. All that is wrong with it is told at once, each with its place: a misspelt code that
//! silently changed nothing would be believed.
#![expect(clippy::disallowed_methods, reason = "the shell reads the file")]

use crate::config::{self, Place, Problem, Problems};
use crate::rule::diagnostic::Severity;
use crate::rule::{Code, Policy};
use std::fs;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The levels, by the words of the file.
const LEVELS: [(&str, Severity); 3] =
    [("off", Severity::Off), ("warning", Severity::Warning), ("error", Severity::Error)];

/// The only table.
const TABLE: &str = "levels";

/// Reads a policy from a file.
pub(super) fn read(path: &Path) -> Result<Policy, Problems> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read the policy {name}: {error}");
        Problems(vec![Problem { place: None, message, help: None }])
    })?;
    parse(&name, &text)
}

/// Reads a policy from the text of the file of that name.
fn parse(name: &str, text: &str) -> Result<Policy, Problems> {
    let mut reader = Reader { name, text, policy: Policy::default(), problems: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        reader.problem(error.span().map_or(0, |span| span.start), error.message().to_owned(), None);
    }
    for (key, value) in table.get_ref() {
        match value.get_ref() {
            DeValue::Table(levels) if key.get_ref() == TABLE => {
                levels.iter().for_each(|(key, value)| reader.level(key, value));
            }
            _ => {
                let help = format!("a policy has one table, `[{TABLE}]`, of codes and their levels");
                reader.problem(key.span().start, format!("unknown key `{}`", key.get_ref()), Some(help));
            }
        }
    }
    let Reader { policy, mut problems, .. } = reader;
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    if problems.is_empty() { Ok(policy) } else { Err(Problems(problems)) }
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    policy: Policy,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, at: usize, message: String, help: Option<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        self.problems.push(Problem {
            place: Some(Place::File(self.name.into(), line, column)),
            message,
            help,
        });
    }

    /// A code and its level.
    fn level(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let name = key.get_ref();
        let Some(code) = Code::find(name) else {
            let near = config::nearest(name, Code::ALL.iter().map(|code| code.name()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            return self.problem(key.span().start, format!("there is no diagnostic code `{name}`"), help);
        };
        let said = value.get_ref().as_str();
        let Some((_, level)) = LEVELS.iter().find(|(word, _)| Some(*word) == said) else {
            let message = format!("`{name}` takes \"off\", \"warning\" or \"error\"");
            return self.problem(value.span().start, message, None);
        };
        if !self.policy.set(code, *level) {
            let message = format!("`{name}` is an error, and stays one");
            let help = "it is about a rule that cannot be used".to_owned();
            self.problem(value.span().start, message, Some(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_by_name_and_number() {
        let policy = parse("p.toml", "[levels]\nno-tests = \"warning\"\nr912 = \"error\"\nR905 = \"off\"\n");
        let mut expected = Policy::default();
        expected.set(Code::NoTests, Severity::Warning);
        expected.set(Code::CommonText, Severity::Error);
        expected.set(Code::SwallowedComment, Severity::Off);
        assert_eq!(policy, Ok(expected));
        assert_eq!(parse("p.toml", ""), Ok(Policy::default()));
    }

    #[test]
    fn everything_wrong_is_told_with_its_place() {
        let text =
            "[levels]\ncomon-text = \"off\"\nslow = \"of\"\nescape = 3\nbad-regex = \"warning\"\n[rules]\n";
        let said = parse("p.toml", text).unwrap_err().to_string();
        let expected = [
            "p.toml:2:1: there is no diagnostic code `comon-text`; did you mean `common-text`?",
            "p.toml:3:8: `slow` takes \"off\", \"warning\" or \"error\"",
            "p.toml:4:10: `escape` takes \"off\", \"warning\" or \"error\"",
            "p.toml:5:13: `bad-regex` is an error, and stays one; it is about a rule that cannot be used",
            "p.toml:6:2: unknown key `rules`; a policy has one table, `[levels]`, of codes and their levels",
        ];
        assert_eq!(said.lines().collect::<Vec<_>>(), expected);
        assert!(parse("p.toml", "[levels\n").unwrap_err().to_string().starts_with("p.toml:1:"));
    }
}
