//! rsigma-eval, an evaluator of Sigma rules, event by event. It knows neither words nor folding, so its rules are
//! `contains` over the words of the folded text, in events that are parsed before the clock starts.

use crate::clock;
use crate::contender::{Compiled, Contender, Hit, number};
use crate::reading::Reading;
use crate::rules;
use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Value, json};

/// Rule evaluations that a turn may take at most if each rule were looked at.
const MOST: usize = 20_000_000;

/// rsigma's engine with a corpus's rules and messages.
pub(crate) struct Sigma<'a> {
    engine: &'a Engine,
    events: &'a [Value],
    index: bool,
}

impl<'a> Sigma<'a> {
    pub(crate) fn new(engine: &'a Engine, events: &'a [Value], index: bool) -> Sigma<'a> {
        Sigma { engine, events, index }
    }
}

/// An engine, with its index of all rules' literals (daachorse) or without.
pub(crate) fn engine(phrases: &[String], index: bool) -> (Engine, Compiled) {
    let yaml = |(number, phrase): (usize, &String)| {
        let words = rules::quoted(&Reading::Words.of(phrase));
        rules::yaml(number, &format!("text|contains: {words}"))
    };
    let documents: Vec<String> = phrases.iter().enumerate().map(yaml).collect();
    let collection = parse_sigma_yaml(&documents.join("---\n")).expect("rsigma parses the rules");
    clock::compile(|| {
        let mut engine = Engine::new();
        engine.set_cross_rule_ac(index);
        engine.add_collection(&collection).expect("rsigma compiles the rules");
        engine
    })
}

/// The events it is given: the words of each text.
pub(crate) fn events(texts: &[String]) -> Vec<Value> {
    texts.iter().map(|text| json!({ "type": "chat.message", "text": Reading::Words.of(text) })).collect()
}

impl Contender for Sigma<'_> {
    fn name(&self) -> String {
        format!("rsigma-eval 0.23{} alone, on words", if self.index { " with its index" } else { "" })
    }

    fn run(&mut self, messages: usize, hits: &mut Vec<Hit>) {
        for (message, event) in self.events.iter().take(messages).enumerate() {
            for result in self.engine.evaluate(&JsonEvent::borrow(event)) {
                let rule = result.header.rule_title.parse().expect("the title is a number");
                hits.push((number(message), rule));
            }
        }
    }

    fn most(&self) -> usize {
        (MOST / self.engine.rule_count().max(1)).max(1_000)
    }
}
