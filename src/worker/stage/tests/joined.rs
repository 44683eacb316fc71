//! Phrases cut over several messages: what is found, as what, and by whoever takes a partition over.

use super::*;
use crate::engine::plain;
use proptest::prelude::*;

const JOINED: &str = "
title: Asks to keep a secret, in pieces
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a06
name: pieces
detection:
  phrases: {text.joined|phrase: [keep this a secret, add me, a b c]}
  condition: phrases
";

/// Who wrote what, how many seconds after the first.
type Line<'t> = (&'t str, i64, &'t str);

fn event(line: &Line<'_>, number: usize) -> String {
    let (sender, seconds, text) = line;
    let event = serde_json::json!({
        "id": format!("m{number}"), "time": NOW - 3_600_000 + seconds * 1_000, "type": "chat.message",
        "room": {"id": "r1"}, "sender": {"id": sender}, "text": text,
    });
    event.to_string()
}

fn with_events<R>(lines: &[Line<'_>], body: impl FnOnce(&[Record<'_>]) -> R) -> R {
    let events: Vec<String> = lines.iter().zip(1..).map(|(line, number)| event(line, number)).collect();
    let payloads: Vec<_> = events.iter().map(|event| Some(event.as_bytes())).collect();
    with_records(&payloads, body)
}

/// A program whose flags also show that many messages before.
fn showing(context: usize) -> Arc<Program> {
    let program = program_of(JOINED);
    let rules = RuleSet::compile(program.rules.rules().to_vec(), &Limits::default()).unwrap();
    let reading = Reading { context, ..Reading::default() };
    Arc::new(Program::new(rules, &Lists::default(), &reading))
}

/// The evidence of every flag: the event, the view and the text of each piece.
fn found(lines: &[Line<'_>]) -> Vec<Vec<(String, String, String)>> {
    let mut stage = MatchStage::new(program_of(JOINED), Settings::default());
    let outcome = with_events(lines, |records| stage.run(records, NOW).clone());
    let shown = outcome.flags.iter().map(|out| {
        let pieces = flag(out).evidence.into_iter().map(|piece| {
            let number: i64 = piece.event_id.trim_start_matches('m').parse().unwrap();
            assert_eq!((piece.field.as_str(), piece.source.offset), ("text", number + 9));
            let text = lines[usize::try_from(number - 1).unwrap()].2;
            let matched = text.get(piece.span.start as usize..piece.span.end as usize).unwrap();
            let shown = text.get(piece.excerpt_offset as usize..).unwrap();
            assert!(shown.starts_with(&piece.excerpt.unwrap()), "{number}");
            (piece.event_id, piece.view, matched.to_owned())
        });
        pieces.collect()
    });
    shown.collect()
}

#[test]
fn what_is_joined_and_what_is_not() {
    let padded = format!("keep{}", "\u{200b}".repeat(2_000));
    // What it shows, the messages, the pieces of each flag.
    let cases: &[(&str, &[Line<'_>], &[&str])] = &[
        ("two", &[("a", 0, "ok, keep this"), ("a", 5, "a secret ok")], &["m1 keep this, m2 a secret"]),
        (
            "letter by letter",
            &[("a", 0, "keep"), ("a", 1, "th"), ("a", 2, "is a"), ("a", 3, "s3cr"), ("a", 4, "et")],
            &["m1 keep, m2 th, m3 is a, m4 s3cr, m5 et"],
        ),
        (
            "in one message as ever",
            &[("a", 0, "hi"), ("a", 1, "keep this a secret")],
            &["m2 keep this a secret"],
        ),
        ("only once", &[("a", 0, "keep this a secret"), ("a", 1, "ok")], &["m1 keep this a secret"]),
        (
            "again",
            &[("a", 0, "keep this a secret keep this"), ("a", 1, "a secret")],
            &["m1 keep this a secret", "m1 keep this, m2 a secret"],
        ),
        (
            "a last letter once more",
            &[("a", 0, "keep this a secret"), ("a", 5, "ttt")],
            &["m1 keep this a secret"],
        ),
        (
            "a first letter before",
            &[("a", 0, "kkk"), ("a", 5, "keep this a secret")],
            &["m2 keep this a secret"],
        ),
        ("padded", &[("a", 0, &padded), ("a", 5, "this a secret")], &["m1 keep, m2 this a secret"]),
        ("another sender", &[("a", 0, "keep this"), ("b", 5, "a secret")], &[]),
        (
            "another between",
            &[("a", 0, "keep this"), ("b", 2, "what"), ("a", 5, "a secret")],
            &["m1 keep this, m3 a secret"],
        ),
        ("too late", &[("a", 0, "keep this"), ("a", 121, "a secret")], &[]),
        (
            "two whole sentences",
            &[("a", 0, "i told you i will keep this"), ("a", 5, "a secret is no fun at all")],
            &[],
        ),
        ("a short phrase is not cut", &[("a", 0, "add"), ("a", 5, "me")], &[]),
        ("and found in one", &[("a", 0, "please"), ("a", 5, "add me")], &["m2 add me"]),
    ];
    for (name, lines, expected) in cases {
        let found = found(lines);
        let shown = found.iter().map(|pieces| {
            let pieces: Vec<_> = pieces.iter().map(|(event, _, text)| format!("{event} {text}")).collect();
            pieces.join(", ")
        });
        assert_eq!(shown.collect::<Vec<_>>(), *expected, "{name}");
        for (event, view, _) in found.iter().filter(|pieces| pieces.len() > 1).flatten() {
            assert_eq!(view, "joined", "{name}: {event}");
        }
    }
}

#[test]
fn long_messages_are_read_where_they_meet() {
    let before = format!("{} keep", "blah ".repeat(2_000));
    let after = format!("this a secret {}", "blah ".repeat(2_000));
    let lines = [("a", 0, before.as_str()), ("a", 1, "."), ("a", 2, after.as_str())];
    assert_eq!(
        found(&lines)[0].iter().map(|piece| &*piece.2).collect::<Vec<_>>(),
        ["keep", ".", "this a secret"]
    );
}

#[test]
fn a_flag_shows_what_was_written_before_in_its_room() {
    let long = format!("{} end", "é".repeat(600));
    let lines: &[Line<'_>] = &[
        ("a", 0, "too old"),
        ("a", 100, "one"),
        ("b", 110, "two"),
        ("c", 120, &long),
        ("b", 130, "four"),
        ("a", 140, "keep this a secret"),
        ("b", 150, "five"),
    ];
    let mut stage = MatchStage::new(showing(4), Settings::default());
    let outcome = with_events(lines, |records| stage.run(records, NOW).clone());
    let shown: Vec<_> = flag(&outcome.flags[0])
        .context
        .into_iter()
        .map(|before| {
            (before.event_id, before.sender.unwrap(), before.source.offset, before.text, before.text_offset)
        })
        .collect();
    let line = |id: &str, sender: &str, offset, text: &str, skipped| {
        (id.to_owned(), sender.to_owned(), offset, text.to_owned(), skipped)
    };
    assert_eq!(
        shown,
        [
            line("m2", "a", 11, "one", 0),
            line("m3", "b", 12, "two", 0),
            line("m4", "c", 13, " end", 1_200),
            line("m5", "b", 14, "four", 0),
        ]
    );
    assert_eq!(flag(&outcome.flags[0]).time, "2025-12-31T23:02:20.000Z");
    let plain = MatchStage::new(program_of(JOINED), Settings::default());
    let mut stages = [(plain, 0), (MatchStage::new(showing(2), Settings::default()), 2)];
    for (stage, expected) in &mut stages {
        let outcome = with_events(lines, |records| stage.run(records, NOW).clone());
        assert_eq!(flag(&outcome.flags[0]).context.len(), *expected);
    }
    // What was before is dropped first.
    let tight = Settings { flag_limit: outcome.flags[0].body.len() - 1, ..Settings::default() };
    let outcome = with_events(lines, |records| MatchStage::new(showing(4), tight).run(records, NOW).clone());
    let cut = flag(&outcome.flags[0]);
    assert_eq!((cut.context.len(), cut.evidence.len(), cut.cut.contains(&Cut::Context)), (0, 1, true));
}

/// Messages of few words from few people, pieces of phrases among them.
fn conversations() -> impl Strategy<Value = Vec<(&'static str, i64, String)>> {
    let words =
        ["keep", "this", "a", "secret", "s3cret", "thi", "s", "ok", "keeep", "add", "me", "lol", "😀"];
    let text =
        prop::collection::vec(prop::sample::select(words.to_vec()), 1..7).prop_map(|words| words.join(" "));
    let line = (prop::sample::select(vec!["a", "b"]), 0i64..300, text);
    prop::collection::vec(line, 1..14).prop_map(|mut lines| {
        lines.sort_by_key(|(_, seconds, _)| *seconds);
        lines
    })
}

fn borrowed<'t>(lines: &'t [(&'static str, i64, String)]) -> Vec<Line<'t>> {
    lines.iter().map(|(sender, seconds, text)| (*sender, *seconds, text.as_str())).collect()
}

proptest! {
    /// Cut anywhere into up to three messages, a phrase is still found, and every letter of it shown.
    #[test]
    fn wherever_it_is_cut(cuts in (1usize..18, 1usize..18)) {
        let phrase = "keep this a secret";
        let (first, second) = (cuts.0.min(cuts.1), cuts.0.max(cuts.1));
        let ((before, rest), second) = (phrase.split_at(first), second - first);
        let (middle, after) = rest.split_at(second);
        let pieces = [before, middle, after];
        let lines: Vec<Line<'_>> =
            pieces.into_iter().filter(|piece| !piece.trim().is_empty()).map(|piece| ("a", 0, piece)).collect();
        // All but its first or its last letter may be found as a slip, too.
        let mut pieces = found(&lines).pop().unwrap();
        pieces.retain(|piece| lines.len() == 1 || piece.1 == "joined");
        let shown: String = pieces.into_iter().map(|piece| piece.2).collect();
        prop_assert_eq!(shown.replace(' ', ""), phrase.replace(' ', ""));
    }

    /// The plain evaluator finds the same in what was joined.
    #[test]
    fn the_plain_evaluator_agrees(lines in conversations()) {
        let program = program_of(JOINED);
        let (rules, mut batch) = (&program.rules, Batch::default());
        let mut joiner = Joiner::new(rules.fields(), 0, 1 << 20);
        with_events(&borrowed(&lines), |records| {
            for (index, record) in (0u32..).zip(records) {
                let moment = Moment { record: record.timestamp, now: NOW };
                program.decoder.decode_at(index, record.payload.unwrap(), moment, &mut batch).unwrap();
                joiner.take(record, moment, &mut batch);
            }
        });
        let mut scratch = Scratch::default();
        let fast = engine::evaluate(rules, &batch, &mut scratch);
        let fast: Vec<_> = fast.iter().map(|finding| {
            let pieces = finding.evidence.iter().map(|one| (one.value, one.start as usize, one.end as usize, one.view));
            (finding.row, pieces.collect::<Vec<_>>())
        }).collect();
        let plain: Vec<_> = plain::evaluate(rules.rules(), rules.fields(), &batch).into_iter().map(|finding| {
            let pieces = finding.evidence.iter().map(|one| (one.value, one.start, one.end, one.view));
            (finding.row, pieces.collect::<Vec<_>>())
        }).collect();
        prop_assert_eq!(fast, plain);
    }

    /// A stage that takes over anywhere, or goes back after an abort, and recalls what it is told to, makes the same
    /// flags.
    #[test]
    fn whoever_takes_over_makes_the_same_flags(lines in conversations(), at in 0usize..14, abort in any::<bool>()) {
        let at = at.min(lines.len());
        with_events(&borrowed(&lines), |records| {
            let stage = || MatchStage::new(showing(8), Settings::default());
            let whole = stage().run(records, NOW).flags.clone();
            let mut first = stage();
            let mut flags = first.run(&records[..at], NOW).flags.clone();
            let from = first.recalls_from(1).map_or(at, |offset| usize::try_from(offset - 10).unwrap());
            let mut second = stage();
            if abort {
                first.run(&records[at..], NOW);
                first.aborted();
                second = first;
            }
            second.recall(&records[from..at], NOW);
            flags.extend(second.run(&records[at..], NOW).flags.iter().cloned());
            prop_assert_eq!(
                flags.iter().map(|flag| &flag.body).collect::<Vec<_>>(),
                whole.iter().map(|flag| &flag.body).collect::<Vec<_>>()
            );
            Ok(())
        })?;
    }
}
