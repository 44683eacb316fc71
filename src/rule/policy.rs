//! What a team makes of diagnostics: which are told, and which are errors.
//!
//! The table of codes says how grave each is for anybody; a policy says it for one set of rules. An error stays one:
//! it is about a rule that cannot be used. What an author allows with a reason stays allowed, too, whatever the policy
//! says: the reason stands in the rule, where the team reviews it.

use super::codes::Code;
use super::diagnostic::{Diagnostic, Severity};
use std::collections::BTreeMap;

/// Levels of codes that are not those of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    levels: BTreeMap<Code, Severity>,
}

impl Policy {
    /// Gives a code a level. False if it is an error, which cannot be lowered.
    pub fn set(&mut self, code: Code, level: Severity) -> bool {
        let may = code.severity() != Severity::Error || level == Severity::Error;
        if may {
            self.levels.insert(code, level);
        }
        may
    }

    /// How grave a code is.
    pub fn level(&self, code: Code) -> Severity {
        self.levels.get(&code).copied().unwrap_or(code.severity())
    }

    /// The diagnostics that are told, each with its level.
    pub fn apply(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        for one in &mut found {
            one.level = self.level(one.code);
        }
        found.retain(|one| one.level != Severity::Off);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::Span;
    use super::Severity::{Error, Off, Warning};
    use super::*;

    #[test]
    fn levels_are_those_of_the_policy_and_errors_stay() {
        let mut policy = Policy::default();
        assert!(policy.set(Code::CommonText, Error));
        assert!(policy.set(Code::Slow, Off));
        assert!(policy.set(Code::NoTests, Warning));
        assert!(policy.set(Code::BadRegex, Error));
        assert!(!policy.set(Code::BadRegex, Off) && !policy.set(Code::BadRegex, Warning));
        let told = |policy: &Policy| {
            let codes = [Code::BadRegex, Code::Slow, Code::CommonText, Code::NoTests, Code::Escape];
            let found = codes.map(|code| Diagnostic::new(code, Span::default(), ""));
            let told = policy.apply(found.to_vec()).into_iter();
            told.map(|found| (found.code, found.severity())).collect::<Vec<_>>()
        };
        let usual = [
            (Code::BadRegex, Error),
            (Code::Slow, Warning),
            (Code::CommonText, Warning),
            (Code::Escape, Warning),
        ];
        assert_eq!(told(&Policy::default()), usual);
        let own = [
            (Code::BadRegex, Error),
            (Code::CommonText, Error),
            (Code::NoTests, Warning),
            (Code::Escape, Warning),
        ];
        assert_eq!(told(&policy), own);
    }
}
