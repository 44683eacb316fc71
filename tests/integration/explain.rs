//! `wardline explain` as people run it.

use super::bench::Bench;
use wardline::cli::exit;

/// Exit code, standard output and standard error.
fn explain(bench: &Bench, arguments: &[&str]) -> (u8, String, String) {
    bench.ran(&[&["explain"], arguments].concat())
}

fn of_rule(bench: &Bench, rule: &str, arguments: &[&str]) -> String {
    let all = [&["--rules", "rules", "--rule", rule], arguments].concat();
    let (code, text, problems) = explain(bench, &all);
    assert_eq!((code, problems.as_str()), (exit::CLEAN, ""), "{arguments:?}");
    text
}

#[test]
fn a_hit_says_what_was_found_and_how() {
    let text = of_rule(&Bench::new(), "ask_age", &["--text", "so\u{1b}, HÓW  old are you?"]);
    let expected = r#"ask_age: Asks an age (rules/a.yml:2)

the text: the rule fires
  yes  phrases
  yes    text: the words `how old are you`
           found "HÓW  old are you" at bytes 5..22, folded

  text
    raw       "so\u{1b}, HÓW  old are you?"
    folded    "so, how old are you?"
    words     "so how old are you"
"#;
    assert_eq!(text, expected, "control characters do not reach the terminal");
}

#[test]
fn a_miss_says_how_near_it_came() {
    let bench = Bench::new();
    let near = |text: &str| {
        let text = of_rule(&bench, "ask_age", &["--text", text]);
        assert!(text.contains("the text: the rule does not fire\n  no   phrases\n"), "{text}");
        text.lines().find_map(|line| {
            line.trim().strip_prefix("near: the words `how old are you`: ").map(str::to_owned)
        })
    };
    assert_eq!(near("how old is it").as_deref(), Some("2 of 4 in a row, 2 anywhere"));
    assert_eq!(near("you are how old").as_deref(), Some("all 4 are there, but not one after the other"));
    assert_eq!(near("nothing"), None);
}

#[test]
fn words_near_each_other_and_slips_are_told() {
    let bench = Bench::new();
    let rule = "title: t\nid: t\nname: wide\ndetection:\n  near: {text|near3: send photo}\n  slips: {text|fuzzy2: keep this a secret}\n  condition: 1 of them\n";
    bench.file("own/rule.yml", rule.as_bytes());
    let said = |text: &str| {
        let (code, said, _) = explain(&bench, &["--rules", "own", "--text", text]);
        assert_eq!(code, exit::CLEAN);
        let lines = said
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("near: ") || line.starts_with("found "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let name = "near: the words `send photo` in any order, 3 words apart";
    assert_eq!(said("send it, then one more photo"), [format!("{name}: all 2 are there, but further apart")]);
    assert_eq!(said("send it")[0], format!("{name}: 1 of 2 that near, 1 anywhere"));
    assert_eq!(
        said("krrp thos a secrey")[0],
        r#"found "krrp thos a secrey" at bytes 0..18, skeleton, with 3 slips"#
    );
}

#[test]
fn events_come_from_files_and_lists_are_named_not_shown() {
    let bench = Bench::new();
    bench.file("events.jsonl", b"{\"text\":\"see you on apptwo\"}\n\n{\"type\":\"gift\",\"note\":1}\n");
    let text = of_rule(&bench, "names_app", &["--event", "events.jsonl"]);
    let expected = r#"names_app: Names an app (rules/a.yml:12)

events.jsonl, line 1: the rule fires
  yes  app
  yes    text: one of 2 patterns
           found "apptwo" at bytes 11..17, raw, by apps#a2

  text
    raw       "see you on apptwo"
    folded    "see you on apptwo"
    words     "see you on apptwo"

events.jsonl, line 3: the rule does not fire
  no   app
  no     text: one of 2 patterns
           the event has no text
"#;
    assert_eq!(text, expected);
    bench.file("event.json", b"{\n  \"text\": \"how old are you\"\n}\n");
    let text = of_rule(&bench, "ask_age", &["--event", "event.json"]);
    assert!(text.contains("\nevent.json: the rule fires\n"), "an event over several lines: {text}");
}

#[test]
fn a_code_is_explained_with_what_is_wrong_and_right() {
    let bench = Bench::new();
    let (code, text, _) = explain(&bench, &["r203"]);
    assert_eq!(code, exit::CLEAN);
    assert!(text.starts_with("error[R203]: unknown-modifier\n\nThe part after `|` "), "{text}");
    let examples = "
wrong:
  detection:
    asks:
      text|contain: our secret
    condition: asks

right:
  detection:
    asks:
      text|contains: our secret
    condition: asks
";
    assert!(text.ends_with(examples), "{text}");
    assert_eq!(explain(&bench, &["unknown-modifier"]).1, text);
    assert!(explain(&bench, &["R002"]).1.contains("\nWrong: a file saved as Latin-1"));
    let (code, _, said) = explain(&bench, &["unknown-modifer"]);
    assert_eq!(code, exit::BAD_CONFIGURATION);
    assert!(said.contains("did you mean \"unknown-modifier\"?"), "{said}");
}

#[test]
fn all_codes_are_listed() {
    let (code, text, _) = explain(&Bench::new(), &["--codes"]);
    assert_eq!(code, exit::CLEAN);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), wardline::rule::Code::ALL.len());
    assert_eq!(lines[1], "R002  error    not-utf8                The file is not UTF-8 text");
    assert!(lines.iter().any(|line| line.starts_with("R916  off      no-tests  ")), "{text}");
}

#[test]
fn each_text_that_must_be_there_and_each_value_is_told() {
    let bench = Bench::new();
    let rule = "
title: \"Both, \\e[31mred\"
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a05
name: both
logsource: {product: chat, category: message}
detection:
  words: {'text|phrase|all': [how old, keep this a secret]}
  adult: {sender.age_band: adult}
  app: {text|contains: AppOne}
  condition: words and adult and not app
";
    bench.file("own/rule.yml", rule.as_bytes());
    let event = r#"{"text":["how old is he","keep this"],"sender":{"age_band":"16-17"}}"#;
    bench.file("event.json", event.as_bytes());
    let (code, text, _) = explain(&bench, &["--rules", "own", "--event", "event.json"]);
    assert_eq!(code, exit::CLEAN);
    let expected = r#"both: Both, ‹U+001B›[31mred (own/rule.yml:2)

event.json: the rule does not fire
  no   all of
  no     words
  no       all of
  yes        text: the words `how old`
               found "how old" at bytes 0..7, value 1, raw
  no         text: the words `keep this a secret`
               near: the words `keep this a secret`: 2 of 4 in a row, 2 anywhere
  no     adult
  no       sender.age_band: `adult`
             it is "16-17"
  yes    not
  no       app
  no         text: `AppOne` somewhere in it

  text, value 1
    raw       "how old is he"
    folded    "how old is he"
    words     "how old is he"

  text, value 2
    raw       "keep this"
    folded    "keep this"
    words     "keep this"
"#;
    assert_eq!(text, expected);
    bench.file("null.json", br#"{"type":"gift","text":null,"sender":{"age_band":{}}}"#);
    let (_, text, _) = explain(&bench, &["--rules", "own", "--event", "null.json"]);
    for said in [
        "its type is \"gift\", none of chat.message, ",
        "  it is null\n",
        "  it is an object or an empty list\n",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn events_that_cannot_be_read_do_not_hide_the_others() {
    let bench = Bench::new();
    bench.file("broken.jsonl", b"{\"text\":\"how old are you\"}\n{\"text\":}\n{\"text\":\"fine\"}\n");
    let arguments = ["--rules", "rules", "--rule", "ask_age", "--event", "broken.jsonl"];
    let (code, text, _) = explain(&bench, &arguments);
    assert_eq!(code, exit::BAD_INPUT);
    for said in [
        "\nbroken.jsonl, line 1: the rule fires\n",
        "\nbroken.jsonl, line 2: no event, byte that JSON does not allow here at byte 8\n",
        "\nbroken.jsonl, line 3: the rule does not fire\n",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn what_cannot_be_explained_is_said() {
    let bench = Bench::new();
    bench.file("empty.jsonl", b"\n");
    let cases: [(&[&str], u8, &str); 7] = [
        (&["R999"], exit::BAD_CONFIGURATION, "\"R999\" is no diagnostic code"),
        (&["--rules", "rules", "--text", "x"], exit::BAD_CONFIGURATION, "which of the 2 rules is meant"),
        (
            &["--rules", "rules", "--rule", "ask_agee", "--text", "x"],
            exit::BAD_CONFIGURATION,
            "no rule is called \"ask_agee\"; did you mean \"ask_age\"?",
        ),
        (
            &["--rules", "rules", "--rule", "elephant", "--text", "x"],
            exit::BAD_CONFIGURATION,
            "no rule is called \"elephant\"\n",
        ),
        (&["--rules", "rules", "--rule", "ask_age"], exit::BAD_CONFIGURATION, "required arguments"),
        (
            &["--rules", "rules", "--rule", "ask_age", "--event", "empty.jsonl"],
            exit::BAD_INPUT,
            "there is no event to explain",
        ),
        (&["--rules", "rules", "--rule", "ask_age", "--event", "none.jsonl"], exit::BAD_INPUT, "none.jsonl"),
    ];
    for (arguments, expected, said) in cases {
        let (code, text, problems) = explain(&bench, arguments);
        assert_eq!(code, expected, "{arguments:?}: {problems}");
        assert!(text.is_empty() && problems.contains(said), "{arguments:?}: {problems}");
    }
}

const IN_ORDER: &str = "title: Asks an age, then moves\nid: c1\nname: moves\nlevel: high\nreview: {suppress: 1d}\n\
                        correlation: {type: temporal_ordered, rules: [ask_age, names_app], group-by: [sender.id], timespan: 30m}\n";

/// Events of a minute each, by their sender and text.
fn lines(events: &[(&str, u32, &str)]) -> String {
    let line = |(sender, minute, text): &(&str, u32, &str)| {
        format!(
            "{{\"id\":\"{sender}-{minute}\",\"time\":\"2026-01-01T12:{minute:02}:00Z\",\"sender\":{{\"id\":{sender:?}}},\"text\":{text:?}}}\n"
        )
    };
    events.iter().map(line).collect()
}

#[test]
fn a_correlation_is_told_event_by_event() {
    let bench = Bench::new();
    bench.file("rules/moves.yml", IN_ORDER.as_bytes());
    let events = lines(&[
        ("u1", 1, "how old are you"),
        ("u1", 2, "hello"),
        ("", 3, "on AppOne"),
        ("u1", 9, "on AppOne"),
        ("u2", 50, "on AppOne"),
    ]);
    bench.file("events.jsonl", events.as_bytes());
    let text = of_rule(&bench, "moves", &["--event", "events.jsonl"]);
    let expected = r#"moves: Asks an age, then moves (rules/moves.yml:1)
temporal_ordered of ask_age, names_app, by sender.id, within 30m; then silent for 1d

events.jsonl, line 1, 2026-01-01T12:01:00.000Z: ask_age
  of sender.id "u1"
    counts now: line 1 (ask_age)
    lacks, in this order: names_app; the rest has to come before 2026-01-01T12:31:00.000Z

events.jsonl, line 2, 2026-01-01T12:02:00.000Z: nothing that counts

events.jsonl, line 3, 2026-01-01T12:03:00.000Z: names_app
  names_app counts for nobody: the event has no sender.id

events.jsonl, line 4, 2026-01-01T12:09:00.000Z: names_app
  of sender.id "u1"
    the correlation fires: line 1 (ask_age), line 4 (names_app)
    a flag comes of it; the key is silent until 2026-01-02T12:09:00.000Z

events.jsonl, line 5, 2026-01-01T12:50:00.000Z: names_app
  of sender.id "u2"
    counts now: nothing
    lacks, in this order: ask_age, names_app

in the end
  of sender.id "u1"
    counts: nothing
    lacks, in this order: ask_age, names_app
    if it fires before 2026-01-02T12:09:00.000Z, no flag comes of it
  of sender.id "u2"
    counts: nothing
    lacks, in this order: ask_age, names_app
"#;
    assert_eq!(text, expected);
    bench.file("events.jsonl", format!("{{\n{}", lines(&[("u1", 1, "how old are you")])).as_bytes());
    let (code, text, _) = explain(&bench, &["--rules", "rules", "--rule", "c1", "--event", "events.jsonl"]);
    assert_eq!(code, exit::BAD_INPUT);
    assert!(text.contains("\nevents.jsonl, line 1: no event, "), "{text}");
}

#[test]
fn tools_are_told_the_same_as_one_object() {
    let bench = Bench::new();
    bench.file("rules/moves.yml", IN_ORDER.as_bytes());
    bench.file("events.jsonl", lines(&[("u1", 1, "how old are you"), ("u1", 9, "on AppTwo")]).as_bytes());
    let told = |rule: &str| -> serde_json::Value {
        let text = of_rule(&bench, rule, &["--event", "events.jsonl", "--format", "json"]);
        serde_json::from_str(&text).expect("JSON")
    };
    let rule = told("names_app");
    assert_eq!(
        (&rule["schema"], &rule["rule"]["kind"], &rule["rule"]["line"]),
        (&1.into(), &"rule".into(), &12.into())
    );
    let [first, second] = [&rule["events"][0], &rule["events"][1]];
    assert_eq!((&first["fires"], &second["fires"]), (&false.into(), &true.into()));
    let test = &second["condition"]["parts"][0];
    assert_eq!(
        (&test["kind"], &test["field"], &test["values"][0]),
        (&"test".into(), &"text".into(), &"on AppTwo".into())
    );
    let found = &test["found"][0];
    assert_eq!(
        (&found["start"], &found["text"], &found["entry"]),
        (&3.into(), &"AppTwo".into(), &"apps#a2".into())
    );
    assert_eq!(second["texts"][0]["readings"][1], serde_json::json!({"view": "folded", "text": "on apptwo"}));

    let moves = told("moves");
    assert_eq!(
        (&moves["rule"]["parts"][1], &moves["rule"]["timespan_ms"]),
        (&"names_app".into(), &1_800_000.into())
    );
    let window = &moves["events"][0]["windows"][0];
    assert_eq!((&window["taken"], &window["key"]["sender.id"]), (&"yes".into(), &"u1".into()));
    assert_eq!((&window["lacks"]["parts"][0], &window["lacks"]["enough"]), (&"names_app".into(), &1.into()));
    let fired = &moves["events"][1]["windows"][0]["fired"][0];
    assert_eq!((&fired["flag"], &fired["steps"][0]["event"]), (&true.into(), &"events.jsonl, line 1".into()));
    assert_eq!(moves["windows"][0]["silent_until"], "2026-01-02T12:09:00.000Z");

    let (_, said, _) = explain(&bench, &["R203", "--format", "json"]);
    let codes: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(
        (&codes["codes"][0]["name"], codes["codes"][0]["wrong"].is_string()),
        (&"unknown-modifier".into(), true)
    );
}

#[test]
fn a_correlation_is_told_by_their_times_if_that_is_asked_for() {
    let bench = Bench::new();
    bench.file("rules/moves.yml", IN_ORDER.as_bytes());
    let late = lines(&[("u1", 9, "on AppOne"), ("u1", 1, "how old are you")]);
    bench.file("events.jsonl", format!("{late}no event\n").as_bytes());
    let told = |order: &[&str]| {
        let arguments = ["--rules", "rules", "--rule", "moves", "--event", "events.jsonl"];
        let (code, text, _) = explain(&bench, &[&arguments, order].concat());
        assert_eq!(code, exit::BAD_INPUT);
        let lines = text.lines().filter_map(|line| line.strip_prefix("events.jsonl, line "));
        lines.map(|line| line.chars().next().unwrap()).collect::<String>() + text.as_str()
    };
    // Either way it fires: what comes late takes its place. But what is said last is said of another event.
    let recorded = told(&[]);
    assert!(recorded.starts_with("123"), "{recorded}");
    let by_time = told(&["--order", "time"]);
    assert!(by_time.starts_with("321"), "{by_time}");
    let fires =
        "line 1, 2026-01-01T12:09:00.000Z: names_app\n  of sender.id \"u1\"\n    the correlation fires";
    assert!(by_time.contains(fires) && !recorded.contains(fires), "{by_time}");
}
