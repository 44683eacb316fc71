//! Which tests are run: all of them, or those of rules and names that were asked for.

use super::Arguments;
use crate::cli::rules::unknown_rule;
use crate::rule::model::{Example, Rule, Status};

/// Which tests are run.
pub(super) struct Choice<'a> {
    /// Names or ids of rules, with `*` and `?`; none for all.
    rules: &'a [String],
    /// Part of a test's full name, in lower case.
    part: Option<String>,
}

impl<'a> Choice<'a> {
    /// What the arguments ask for, of these rules; or what they ask for in vain.
    pub(super) fn new(arguments: &'a Arguments, rules: &[Rule]) -> Result<Choice<'a>, String> {
        for asked in &arguments.rule {
            if !rules.iter().any(|rule| names(asked, rule)) {
                return Err(unknown_rule(asked, rules));
            }
        }
        let part = arguments.filter.as_ref().map(|text| text.to_lowercase());
        Ok(Choice { rules: &arguments.rule, part })
    }

    /// Whether a rule's tests are run: those of rules that are in use.
    pub(super) fn rule(&self, rule: &Rule) -> bool {
        rule.status != Status::Retired
            && (self.rules.is_empty() || self.rules.iter().any(|asked| names(asked, rule)))
    }

    /// Whether that test of such a rule is run.
    pub(super) fn test(&self, rule: &Rule, example: &Example) -> bool {
        let name = || format!("{} / {}", rule.name, example.name).to_lowercase();
        self.part.as_ref().is_none_or(|part| name().contains(part))
    }

    /// Whether all tests are run that there are.
    pub(super) fn is_all(&self) -> bool {
        self.rules.is_empty() && self.part.is_none()
    }
}

fn names(asked: &str, rule: &Rule) -> bool {
    fits(asked.as_bytes(), rule.name.as_bytes()) || fits(asked.as_bytes(), rule.id.as_bytes())
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
