//! Which tests are run: all of them, or those of rules and names that were asked for.

use super::Arguments;
use super::trial::{Subject, Test};
use crate::cli::rules::unknown_rule;
use crate::rule::model::Status;

/// Which tests are run.
pub(super) struct Choice<'a> {
    /// Names or ids of rules, with `*` and `?`; none for all.
    rules: &'a [String],
    /// Part of a test's full name, in lower case.
    part: Option<String>,
}

impl<'a> Choice<'a> {
    /// What the arguments ask for, of these; or what they ask for in vain.
    pub(super) fn new(arguments: &'a Arguments, subjects: &[Subject<'_>]) -> Result<Choice<'a>, String> {
        for asked in &arguments.rule {
            if !subjects.iter().any(|subject| names(asked, *subject)) {
                return Err(unknown_rule(asked, subjects.iter().map(|subject| subject.name())));
            }
        }
        let part = arguments.filter.as_ref().map(|text| text.to_lowercase());
        Ok(Choice { rules: &arguments.rule, part })
    }

    /// Whether tests of a rule or correlation are run: of those that are in use.
    pub(super) fn subject(&self, subject: Subject<'_>) -> bool {
        let retired = matches!(subject, Subject::Rule(rule) if rule.status == Status::Retired);
        !retired && (self.rules.is_empty() || self.rules.iter().any(|asked| names(asked, subject)))
    }

    /// Whether that test of such a one is run.
    pub(super) fn test(&self, subject: Subject<'_>, test: Test<'_>) -> bool {
        let name = || format!("{} / {}", subject.name(), test.name()).to_lowercase();
        self.part.as_ref().is_none_or(|part| name().contains(part))
    }

    /// Whether all tests are run that there are.
    pub(super) fn is_all(&self) -> bool {
        self.rules.is_empty() && self.part.is_none()
    }
}

fn names(asked: &str, subject: Subject<'_>) -> bool {
    [subject.name(), subject.id()].iter().any(|name| fits(asked.as_bytes(), name.as_bytes()))
}

/// Whether a pattern with `*` and `?` fits the whole of a name.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|at| fits(rest, &name[at..])),
        (Some((b'?', rest)), Some((_, name))) => fits(rest, name),
        (Some((wanted, rest)), Some((found, name))) => wanted == found && fits(rest, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_whole() {
        let cases = [
            ("ask_age", "ask_age", true),
            ("ask_age", "ask_age_now", false),
            ("ask_*", "ask_age", true),
            ("*age*", "ask_age", true),
            ("a??_age", "ask_age", true),
            ("a?_age", "ask_age", false),
            ("*", "", true),
            ("", "a", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
