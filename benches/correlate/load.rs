//! A thousand phrase rules and two hundred correlations of them: what is asked of the match stage, and of a process that matches.

use wardline::generate::{Generator, LoadRules, LoadTraffic, Settings};

pub(crate) const RULES: u32 = 1_000;
const SEED: u64 = 11;
const CORRELATIONS: u32 = 200;

/// The phrases.
pub(crate) fn load() -> LoadRules {
    LoadRules::new(RULES, SEED).expect("within bounds")
}

/// Events of which one in a hundred hits one of the phrases.
pub(crate) fn traffic() -> Generator {
    let load = Some(LoadTraffic { rules: load(), share: 0.01 });
    Generator::new(&Settings { seed: SEED, flagged: 0.0, bad: 0.0, load, ..Settings::default() })
        .expect("within bounds")
}

/// The rules; with correlations of which each takes in ten, grouped by sender or by sender and room.
pub(crate) fn rules(publish: bool, correlating: bool) -> String {
    let load = load();
    let rules = (0..RULES).map(|index| format!("{}review: {{publish: {publish}}}\n", load.yaml(index)));
    let correlations = (0..CORRELATIONS).map(|number| {
        let parts = (0..10).map(|part| load.name(number / 2 * 10 + part)).collect::<Vec<String>>().join(", ");
        let keys = ["sender.id", "room.id, sender.id"][number as usize % 2];
        format!(
            "title: Load {number}\nid: together-{number}\nname: together_{number:03}\ncorrelation: {{type: temporal, rules: [{parts}], \
             group-by: [{keys}], timespan: 30m, condition: {{gte: 3}}}}\nlevel: high\n"
        )
    });
    let all: Vec<String> = rules.chain(correlations.filter(|_| correlating)).collect();
    all.join("---\n")
}
