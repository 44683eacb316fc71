//! What correlations cost the match stage: the same batches with a thousand phrase rules, of which one event in a hundred hits one, and
//! with two hundred correlations of these rules besides.
//!
//! In turns, with the hits encoded as a worker does it. Rules publish in both, or in neither.

use super::load::{self, RULES};
use super::traffic::program;
use super::{median, timed};
use std::sync::Arc;
use wardline::event::Record;
use wardline::generate::Label;
use wardline::worker::stage::{MatchStage, Program, Settings};

const EVENTS: u64 = 200_000;
const BATCH: usize = 1_000;
const TURNS: usize = 9;
/// How many times more an event may cost with correlations.
const MOST: f64 = 1.15;

pub(crate) fn measure() {
    let (payloads, hit) = payloads();
    println!("the match stage with {RULES} rules: {EVENTS} events, {hit} hit one; CPU microseconds an event");
    for publish in [true, false] {
        let [plain, correlating] =
            [false, true].map(|correlating| program(&load::rules(publish, correlating)));
        let (mut without, mut with, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let (one, none) = run(&plain, &payloads);
            let (other, hits) = run(&correlating, &payloads);
            assert_eq!((none, hits), (0, 2 * hit), "hits");
            without.push(one);
            with.push(other);
            ratios.push(other / one);
        }
        let ratio = median(ratios);
        let rules = if publish { "rules publish" } else { "rules do not publish" };
        println!(
            "{rules:<24}{:>8.2} without{:>8.2} with{ratio:>8.2} ratio (bar {MOST})",
            median(without),
            median(with)
        );
    }
}

fn payloads() -> (Vec<Vec<u8>>, usize) {
    let mut generator = load::traffic();
    let mut hit = 0;
    let payloads = (0..EVENTS).map(|_| {
        let mut payload = Vec::new();
        hit += usize::from(matches!(generator.next_into(&mut payload).label, Label::Load(_)));
        payload
    });
    (payloads.collect(), hit)
}

/// Microseconds an event, and hits.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn run(program: &Arc<Program>, payloads: &[Vec<u8>]) -> (f64, usize) {
    let mut stage = MatchStage::new(Arc::clone(program), Settings::default());
    let topic = "chat.events".into();
    let (hits, seconds) = timed(|| {
        let mut hits = 0;
        for (offset, batch) in (0..).zip(payloads.chunks(BATCH)) {
            let record = |payload| Record {
                topic: &topic,
                partition: 0,
                offset,
                timestamp: None,
                key: None,
                payload: Some(payload),
            };
            let records: Vec<Record<'_>> = batch.iter().map(|payload| record(&**payload)).collect();
            let outcome = stage.run(&records, i64::MAX);
            hits += outcome.hits.iter().filter(|out| !out.hit.encode().is_empty()).count();
        }
        hits
    });
    (seconds * 1e6 / EVENTS as f64, hits)
}
