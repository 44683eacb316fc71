//! Whether a rule is about texts, and so needs something to be found by.

use crate::event::FieldType;
use crate::rule::Rule;
use crate::rule::model::{Clause, Condition};

/// What a rule's tests look at: those that have to hold, and those that must not.
#[derive(Default)]
pub(super) struct Looks {
    texts: bool,
    texts_that_hold: bool,
    others_that_hold: bool,
}

impl Looks {
    /// Those of a rule.
    pub(super) fn of(rule: &Rule) -> Looks {
        let mut looks = Looks::default();
        looks.at(&rule.detection.condition, rule, true);
        looks
    }

    /// True of a rule about texts: it asks for one, or for nothing else. A filter that keeps texts out makes no other rule one.
    pub(super) fn for_texts(&self) -> bool {
        self.texts_that_hold || self.texts && !self.others_that_hold
    }

    fn at(&mut self, condition: &Condition, rule: &Rule, holds: bool) {
        match condition {
            Condition::Selection(index) => self.at_clause(&rule.detection.selections[*index].clause, holds),
            Condition::Not(inner) => self.at(inner, rule, !holds),
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.at(part, rule, holds);
                }
            }
        }
    }

    fn at_clause(&mut self, clause: &Clause, holds: bool) {
        match clause {
            Clause::Test(test) => {
                let is_text = test.kind == FieldType::Text;
                self.texts |= is_text;
                self.texts_that_hold |= is_text && holds;
                self.others_that_hold |= !is_text && holds;
            }
            Clause::Not(inner) => self.at_clause(inner, !holds),
            Clause::All(parts) | Clause::Any(parts) => {
                for part in parts {
                    self.at_clause(part, holds);
                }
            }
        }
    }
}
