//! Wardline: `evaluate` over batches of a thousand events, decoded before the clock starts. It finds the same and
//! says where, with evidence for a reviewer.

use crate::clock;
use crate::contender::{Compiled, Contender, Hit, number};
use crate::corpus::Corpus;
use crate::rules::{self, Form};
use wardline::engine::{Scratch, evaluate};
use wardline::event::{Batch, Decoder, Mapping};
use wardline::ruleset::{Limits, RuleSet};

const BATCH: usize = 1_000;

/// Wardline's engine with a corpus's rules and messages.
pub(crate) struct Ours {
    form: Form,
    rules: RuleSet,
    batches: Vec<Batch>,
    scratch: Scratch,
    /// The number of each rule, by its place in the rule set.
    numbers: Vec<u32>,
}

impl Ours {
    pub(crate) fn new(corpus: &Corpus, form: Form) -> (Ours, Compiled) {
        let checked = rules::checked(&corpus.phrases, form);
        let limits = Limits { slips: form != Form::Spelt, ..Limits::default() };
        let compile = || RuleSet::compile(checked, &limits).expect("the rules compile");
        let (rules, compiled) = clock::compile(compile);
        let numbers = rules.rules().iter().map(|rule| rule.title.parse().expect("a number")).collect();
        let batches = batches(&rules, &corpus.payloads);
        (Ours { form, rules, batches, scratch: Scratch::new(), numbers }, compiled)
    }
}

fn batches(rules: &RuleSet, payloads: &[Vec<u8>]) -> Vec<Batch> {
    let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
    let decode = |payloads: &[Vec<u8>]| {
        let mut batch = Batch::default();
        for (record, payload) in (0..).zip(payloads) {
            decoder.decode(record, payload, &mut batch).expect("it was decoded before");
        }
        batch
    };
    payloads.chunks(BATCH).map(decode).collect()
}

impl Contender for Ours {
    fn name(&self) -> String {
        match self.form {
            Form::Folded => "**Wardline, folded view**",
            Form::Automatic => "**Wardline, all views**",
            Form::Spelt => "**Wardline, all views, no slips**",
            Form::Mixed => "**Wardline, folded view, mixed rules**",
        }
        .to_owned()
    }

    fn run(&mut self, messages: usize, hits: &mut Vec<Hit>) {
        for (index, batch) in self.batches.iter().take(messages.div_ceil(BATCH)).enumerate() {
            for finding in evaluate(&self.rules, batch, &mut self.scratch).iter() {
                let rule = self.numbers[finding.rule.0 as usize];
                hits.push((number(index * BATCH + finding.row), rule));
            }
        }
    }
}
