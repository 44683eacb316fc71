//! The story that the demo plays unless told otherwise: cases of several days, most of them harmless, in about a minute.
//!
//! It is made when it is wanted and not stored, whole: what is shown of a case needs its truth from the case's first event on.
//! Anyone can make the same files ([`COMMANDS`]) and judge them by `wardline backtest`; only the records that cannot be decoded, for the
//! dead-letter topic, are the demo's own.

use super::feed::Item;
use crate::generate::cases::{Cases, Given, Length, Settings};
use crate::generate::{self, Generator};
use crate::truth::{Reader, Truth};

/// Makes the same events and their truth, and judges the bundled rules by them.
pub(super) const COMMANDS: [&str; 3] = [
    "wardline generate cases --seed 8 --cases 240 --risky 3% --days 3 \\",
    "    --out trace.jsonl --truth truth.jsonl",
    "wardline backtest --rules rules --truth truth.jsonl trace.jsonl",
];
/// One record in so many cannot be decoded.
const BROKEN_EVERY: usize = 500;

/// What [`COMMANDS`] say. Which cases a seed makes was looked at, not what rules find in them.
fn settings() -> Settings {
    Settings { seed: 8, length: Length::Cases(240), risky: 0.03, days: Some(3.0), ..Settings::default() }
}

/// The records and their truth.
pub(super) fn story() -> Result<(Vec<Item>, Truth), String> {
    let mut cases = Cases::new(&settings(), Given::default()).map_err(|error| error.to_string())?;
    let broken = generate::Settings { bad: 1.0, flagged: 0.0, ..generate::Settings::default() };
    let mut broken = Generator::new(&broken).map_err(|error| error.to_string())?;
    let (mut items, mut truth, mut labels) = (Vec::new(), Reader::default(), Vec::new());
    let mut payload = Vec::new();
    while let Some(made) = cases.next_into(&mut payload, &mut labels) {
        items.push(Item { key: Some(made.key.to_string()), payload: std::mem::take(&mut payload) });
        if items.len() % BROKEN_EVERY == BROKEN_EVERY / 2 {
            let key = Some(broken.next_into(&mut payload).room.to_string());
            items.push(Item { key, payload: std::mem::take(&mut payload) });
        }
    }
    labels.split(|byte| *byte == b'\n').for_each(|line| truth.line(line));
    let truth = truth.finish().map_err(|wrong| format!("the story's labels: {wrong:?}"))?;
    Ok((items, truth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::labels::Labels;
    use crate::event::Mapping;
    use std::collections::BTreeSet;

    /// A generator that was changed may tell another story: then look for another seed.
    #[test]
    fn the_story_is_worth_a_minute() {
        let (items, truth) = story().expect("valid");
        assert!((12_000..=15_000).contains(&items.len()), "a minute or a little more: {}", items.len());
        let labels = Labels::new(None, &Mapping::canonical());
        let broken = items.iter().filter(|item| labels.of(&item.payload).time_ms.is_none()).count();
        assert!((15..=30).contains(&broken), "{broken}");
        let risky: Vec<_> = truth.cases().iter().filter(|case| case.label.risk).collect();
        assert!((6..=8).contains(&risky.len()) && truth.cases().len() == 240, "{}", risky.len());
        let disguised = risky.iter().filter(|case| case.label.style != "plain").count();
        assert!((2..=5).contains(&disguised), "{disguised}");
        let kinds: BTreeSet<_> = risky.iter().map(|case| &*case.label.kind).collect();
        let languages: BTreeSet<_> = risky.iter().filter_map(|case| case.label.language.get(..2)).collect();
        assert!(kinds.len() >= 4, "{kinds:?}");
        assert_eq!(languages, ["ce", "en", "tl"].into());
    }

    #[test]
    fn the_commands_make_the_same_story() {
        let settings = settings();
        let said = format!(
            "--seed {} --cases {} --risky {}% --days {} ",
            settings.seed,
            match settings.length {
                Length::Cases(cases) | Length::Events(cases) => cases,
            },
            settings.risky * 100.0,
            settings.days.expect("stated"),
        );
        assert!(COMMANDS[0].contains(&said), "{said}");
    }
}
