//! What is found of samples, beside the plain evaluator; and that entries of lists are not shown.

use super::super::tests::{decode, load};
use super::super::verify::Occurrence;
use super::super::{plain, trace};
use super::*;
use crate::event::FieldTable;
use crate::rule::list::List;
use crate::rule::{self, Lists, SourceMap};

/// What is found of a sample by a rule's patterns, by their names.
fn found<'s>(rules: &[Rule], sample: &Sample<'s>) -> Vec<(String, Finds<'s>)> {
    let asked: Vec<Asked<'_>> = rules.iter().flat_map(asked).collect();
    let alone =
        asked.iter().zip(0..).map(|(asked, number)| trace::alone(asked.rule, &asked.in_text(), number));
    let compiled = RuleSet::compile(alone.collect(), &Limits::default()).unwrap();
    let written = asked.iter().flat_map(|asked| asked.patterns.iter());
    let (mut found, _) = search::search(&compiled, sample);
    let finds = |(pattern, id)| (name(pattern), found.remove(&PatternId(id)).unwrap_or_default());
    written.zip(0..).map(finds).collect()
}

/// The same, by the plain evaluator.
fn found_plainly<'s>(rules: &[Rule], sample: &Sample<'s>) -> Vec<(String, Finds<'s>)> {
    let mut all = Vec::new();
    let events: Vec<_> = sample.texts.iter().map(|said| format!("{{\"text\":\"{}\"}}", said.text)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    for asked in rules.iter().flat_map(asked) {
        for pattern in asked.patterns.iter() {
            let demand = Demand::AnyOf([pattern.clone()].into());
            let test = Test { field: "text".to_owned(), demand, ..asked.test.clone() };
            let alone = vec![trace::alone(asked.rule, &test, 0)];
            let compiled = RuleSet::compile(alone.clone(), &Limits::default()).unwrap();
            let mut finds = Finds::default();
            for finding in plain::evaluate(&alone, compiled.fields(), &decode(&compiled, &events)) {
                let (one, said) = (&finding.evidence[0], sample.texts[finding.row]);
                let occurrence = Occurrence { view: one.view, edits: one.edits, range: one.start..one.end };
                match search::messages(pattern, said) {
                    0 => {}
                    messages => {
                        finds.add(said.text, messages, &occurrence, || search::is_own(pattern, said.text));
                    }
                }
            }
            all.push((name(pattern), finds));
        }
    }
    all
}

#[test]
fn the_plain_evaluator_finds_the_same() {
    let rules = load(
        "{a: {text|word: [falling, together, old, goodnight, favorite, s, about, whatever]}, \
          b: {text|phrase: [now here, how are you, thank you, do you, what do you do, it is]}, \
          c: {text.squashed|word: [tin, live, keep, on]}, d: {text.skeleton|word: [tell, too]}, \
          e: {text|contains: [age, 'are you', ow, 'k?nd']}, f: {text|startswith: [how, do you]}, \
          g: {text|endswith: [too, you]}, h: {text|re: ['\\bdo (you|u)\\b', '[xyz]z']}, \
          i: {text: [hi]}, j: {sender.name|phrase: thank you}, \
          k: {text|near3: [you are, you thank]}, l: {text.skeleton|near8: [it its, old]}, \
          m: {text|word|fuzzy1: [favorite, language]}, n: {text|phrase|fuzzy2: [what do you do, whatever you]}, \
          condition: 1 of them}",
    );
    let mut sample = Sample::english();
    let mut place = 0;
    // What the rules are about, and every 300th text.
    let about = [
        "age",
        "are you",
        "are you from",
        "do you",
        "do you have",
        "evil",
        "failing",
        "falling",
        "good night",
        "goodnight",
        "hi",
        "how",
        "how are",
        "how are you",
        "it is",
        "it its",
        "its",
        "keep",
        "keep it",
        "kind of",
        "know",
        "language",
        "live",
        "live in",
        "nit",
        "no",
        "no where",
        "now",
        "now here",
        "nowhere",
        "old",
        "peek",
        "some",
        "thank you",
        "tell",
        "to get her",
        "together",
        "too",
        "town",
        "what do you do",
        "whatever",
        "what ever",
        "you",
    ];
    sample.texts.retain(|said| {
        place += 1;
        place % 300 == 0 || about.contains(&said.text)
    });
    let (fast, plain) = (found(&rules, &sample), found_plainly(&rules, &sample));
    assert!(fast.iter().filter(|(_, finds)| finds.all.messages() > 0).count() > 20);
    for (fast, plain) in fast.iter().zip(&plain) {
        assert_eq!(fast, plain);
    }
}

#[test]
fn counts_add_up_where_texts_say_different_things() {
    let sample = Sample::parse(
        "# messages\t1000\nage\t10\nage group\t4\nhi\t90\t30\nhi all\t20\t20\t20\ni t\t3\nlanguage\t20\nlatnern\t5\n\
         nit\t7\nso t in\t9\nt in\t50\ntin\t8\n",
    )
    .unwrap();
    let cases = [
        ("text|contains: age", 30, 0),
        ("text|word: age", 10, 0),
        ("text|phrase: age group", 4, 0),
        ("text|re: '(lang|ag)[a-z]+'", 30, 0),
        ("text.squashed|word: tin", 50, 50),
        ("text.folded|word: tin", 8, 0),
        ("text.skeleton|near3: group age", 4, 0),
        ("text.skeleton|word|fuzzy1: language", 20, 0),
        ("text|word|fuzzy1: lantern", 5, 5),
        ("text|startswith: hi", 30, 0),
        ("text|endswith: all", 20, 0),
        ("text|startswith: age", 0, 0),
        ("text: hi", 0, 0),
        ("text|word: zebra", 0, 0),
    ];
    for (selection, all, other) in cases {
        let rules = load(&format!("{{s: {{{selection}}}, condition: s}}"));
        let (_, finds) = found(&rules, &sample).remove(0);
        assert_eq!((finds.all.messages(), finds.other.messages()), (all, other), "{selection}");
    }
}

/// Everything that is said of a rule, in one text.
fn said(detection: &str, sample: &Sample<'_>) -> String {
    let doubts = lint(&load(detection), sample, &Limits::default());
    let lines = doubts.iter().flat_map(|doubt| [vec![doubt.message.clone()], doubt.help.clone()].concat());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn too_common_is_a_matter_of_how_much_is_looked_for() {
    let sample = |messages: u32| format!("# messages\t100000\nkeep\t{messages}\nkeep this\t{messages}\n");
    let cases = [
        ("{s: {text|word: keep}, condition: s}", 100),
        ("{s: {text|contains: keep}, condition: s}", 100),
        ("{s: {text|phrase: keep this}, condition: s}", 5),
        ("{s: {text|re: 'keep'}, condition: s}", 5),
    ];
    for (detection, least) in cases {
        let (below, at) = (sample(least - 1), sample(least));
        assert_eq!(said(detection, &Sample::parse(&below).unwrap()), "", "{detection}");
        assert!(said(detection, &Sample::parse(&at).unwrap()).contains("by itself"), "{detection}");
    }
    let common = sample(50_000);
    for detection in [
        "{s: {text|word: keep}, t: {sender.id: u1}, condition: s and t}",
        "{s: {text|word|all: [keep, this]}, condition: s}",
        "{s: {sender.name|word: keep}, condition: s}",
        "{s: {text|word: [one, two]}, t: {text|word: keep}, condition: s and not t}",
    ] {
        assert_eq!(said(detection, &Sample::parse(&common).unwrap()), "", "{detection}");
    }
}

#[test]
fn any_script_is_counted() {
    let table = "# messages\t100000\nпривет\t900\nпривет как дела\t20\nсколько тебе лет\t8\n";
    let sample = Sample::parse(table).unwrap();
    let cases = [
        ("text|word: Привет", true),
        ("text|phrase: [как дела, сколько тебе лет?]", true),
        ("text|contains: тебе лет", true),
        ("text|re: 'привет,? как'", true),
        ("text|phrase: новый дом", false),
    ];
    for (selection, expected) in cases {
        let found = said(&format!("{{s: {{{selection}}}, condition: s}}"), &sample);
        assert_eq!(found.contains("by itself"), expected, "{selection}: {found}");
    }
}

#[test]
fn a_collision_is_more_than_a_little() {
    let sample = |failing: u32| format!("# messages\t100000\nfailing\t{failing}\nfalling\t1000\n");
    let detection = "{s: {text|word: falling}, t: {sender.id: u1}, condition: s and t}";
    let (little, more) = (sample(100), sample(101));
    assert_eq!(said(detection, &Sample::parse(&little).unwrap()), "");
    assert!(said(detection, &Sample::parse(&more).unwrap()).contains("another text"));
}

#[test]
fn what_a_list_holds_is_not_told() {
    let mut lists = Lists::default();
    lists.insert(List::parse("secret", "a\tlantern fish\nb\ttin\n").unwrap());
    let mut map = SourceMap::default();
    let detection = "s: {text.squashed|phrase|expand: '%secret%'}\n  condition: s";
    map.add("rules.yml", &format!("title: t\nid: t\nallow_unanchored: true\ndetection:\n  {detection}\n"));
    let rules = rule::load(&map, &FieldTable::canonical(), &lists).rules;
    let sample =
        Sample::parse("# messages\t1000\nlantern fish\t900\nlanternfish now\t40\nnit\t90\nred nit\t80\n")
            .unwrap();
    let doubts = lint(&rules, &sample, &Limits::default());
    let shown = format!("{doubts:?}");
    assert!(shown.contains("secret#a") && shown.contains("secret#b"), "{shown}");
    for text in ["lantern", "fish", "tin", "nit"] {
        assert!(!shown.contains(&format!("{text} ")) && !shown.contains(&format!("`{text}")), "{shown}");
    }
}

/// What is said of how slow a rule is by the sample that ships: its first line, or nothing.
fn slow(detection: &str) -> String {
    let detection = detection.replace("LOOSE", r"text|re: '\d+ ?(y|f)\b'");
    let doubts = lint(&load(&detection), &Sample::english(), &Limits::default());
    let slow = doubts.into_iter().find(|doubt| doubt.code == Code::Slow);
    slow.map(|doubt| doubt.message).unwrap_or_default()
}

#[test]
fn a_rule_is_as_slow_as_what_is_tried_where_it_is_selected() {
    let cases = [
        ("{a: {LOOSE}, condition: a}", true),
        ("{a: {LOOSE}, b: {text|phrase: copper lantern}, condition: a or b}", true),
        ("{a: {LOOSE}, b: {text|phrase: copper lantern}, condition: a and b}", false),
        ("{a: {LOOSE}, b: {text|phrase: copper lantern}, condition: b and not a}", false),
        ("{a: {LOOSE}, b: {sender.age_band: adult}, condition: a and b}", true),
        ("{a: {LOOSE}, b: {sender.name|phrase: copper lantern}, condition: a and b}", false),
        ("{a: {LOOSE, text|phrase: copper lantern}, condition: a}", false),
        ("{a: {text|re: ['the \\w+ [ao]x', 'lantern x']}, condition: a}", true),
        ("{a: {text|re: 'lantern \\w+ the'}, condition: a}", false),
        ("{a: {text|contains|all: [the, lantern]}, condition: a}", false),
        ("{a: {text|contains: [the, and]}, condition: a}", true),
        ("{a: {text|phrase: [how are you, thank you, do you]}, condition: a}", false),
        ("{a: {text|contains: [with, have]}, b: {text|re: ['ab\\d', 'lantern']}, condition: a and b}", true),
        ("{a: {text|phrase: thank you}, b: {text|re: ['ab\\d', 'lantern']}, condition: a and b}", false),
        ("{a: {sender.name|re: '\\d+ ?(y|f)\\b'}, condition: a}", false),
    ];
    for (detection, expected) in cases {
        let said = slow(detection);
        assert_eq!(!said.is_empty(), expected, "{detection}: {said}");
    }
}

/// Counted in the messages of `benches/chitchat`: `the` is in 31.9 % of them, `you` in 20.5 %, `are you` in 2.1 %.
#[test]
fn what_is_tried_is_estimated_well() {
    let sample = Sample::english();
    for (literal, share) in [("the", 0.319), ("you", 0.205), ("are you", 0.021)] {
        let rules = load(&format!("{{a: {{text|contains: {literal}}}, condition: a}}"));
        let compiled = RuleSet::compile(rules, &Limits::default()).unwrap();
        let (_, proposed) = search::search(&compiled, &sample);
        let found = proposed[&PatternId(0)].share(&sample);
        assert!((share * 0.8..share * 1.25).contains(&found), "{literal}: {found}");
    }
    assert!((40.0..56.0).contains(&sample.mean_bytes()), "{}, and 48.4 were counted", sample.mean_bytes());
}
