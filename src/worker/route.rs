//! Where the finding of a rule or a correlation goes.

use super::flood::{FloodGuard, Passage};
use super::outcome::Destination;
use super::program::Duty;
use super::stats::BatchStats;
use crate::flag::Shadow;
use std::sync::Arc;

/// Counts a finding at a time (milliseconds since the epoch), and says where its flag goes and how it is marked.
pub(super) fn route(
    duty: &Duty,
    time: i64,
    guard: &mut FloodGuard,
    stats: &mut BatchStats,
) -> (Destination, Option<Shadow>) {
    let rule = &duty.template.rule;
    let counts = stats.rule(rule);
    counts.findings += 1;
    if !duty.publish {
        counts.unpublished += 1;
        return (Destination::Unpublished, None);
    }
    if duty.shadow {
        counts.shadow += 1;
        return (Destination::Shadow, Some(Shadow::Status));
    }
    match guard.admit(&rule.name, time) {
        Passage::Pass => {
            counts.flags += 1;
            (Destination::Review, None)
        }
        Passage::Divert { begins } => {
            counts.diverted += 1;
            stats.floods.extend(begins.then(|| Arc::clone(&rule.name)));
            (Destination::Shadow, Some(Shadow::Flood))
        }
    }
}
