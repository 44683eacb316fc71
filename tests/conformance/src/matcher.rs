//! Which of a set of rules fire on an event, by Wardline's engine and the preset that takes any object.

use serde_json::Value;
use wardline::engine::{Scratch, evaluate};
use wardline::event::{Batch, Decoder, Mapping, Preset};
use wardline::ruleset::RuleSet;

/// A rule set, ready to look at events.
pub(crate) struct Matcher {
    rules: RuleSet,
    decoder: Decoder,
    scratch: Scratch,
}

impl Matcher {
    pub(crate) fn new(rules: RuleSet) -> Matcher {
        let decoder = Decoder::new(rules.fields(), &Mapping::preset(Preset::Generic), None);
        Matcher { rules, decoder, scratch: Scratch::new() }
    }

    /// Ids of the rules that fire, in the order of the rules.
    pub(crate) fn fired(&mut self, event: &Value) -> Vec<&str> {
        let mut batch = Batch::default();
        self.decoder.decode(0, event.to_string().as_bytes(), &mut batch).expect("an object is an event");
        let findings = evaluate(&self.rules, &batch, &mut self.scratch);
        let fired: Vec<usize> = findings.iter().map(|finding| finding.rule.0 as usize).collect();
        fired.into_iter().map(|rule| self.rules.rules()[rule].id.as_str()).collect()
    }
}
