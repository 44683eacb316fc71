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
    let expected = r#"both: Both, \u{1b}[31mred (own/rule.yml:2)

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
