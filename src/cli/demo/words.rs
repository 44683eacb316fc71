//! Plain words for what labels name briefly. What is not known here stands as it is.

use crate::text::visible;
use crate::truth::Case;

/// What an indicator is (rules/README.md has the same table).
pub(super) fn indicator(name: &str) -> String {
    let words = match name {
        "g1" => "asking an age",
        "g2" => "finding out who is near",
        "g3" => "asking for secrecy",
        "g4" => "flattery",
        "g5" => "setting against the family",
        "g6" => "testing how far one goes",
        "g7" => "moving to another app",
        "g8" => "gifts or money",
        "g9" => "pressure",
        "g10" => "planning to meet",
        "f1" => "asking a price",
        "f2" => "sending money",
        "f3" => "arranging others",
        "f4" => "directing on camera",
        "f5" => "asking for a preview",
        "f6" => "recording",
        _ if name.starts_with('m') => "unusual payments or sessions",
        _ => return visible(name),
    };
    words.to_owned()
}

/// What happens in a case.
fn kind(name: &str) -> String {
    let words = match name {
        "stranger" => "a stranger befriends a young person",
        "gifts" => "gifts for a young person, and what is asked for them",
        "pressure" => "a young person is put under pressure",
        "live" => "a young person is asked to go live for money",
        "facilitator" => "somebody arranges sessions of a young person for money",
        "payer" => "one account pays many for sessions",
        "metadata" => "payments and sessions that tell by themselves",
        "family" => "family talk",
        "remittance" => "money sent home",
        "fans" => "fans and a performer",
        "peers" => "young people among themselves",
        "party" => "planning a party",
        "market" => "buying and selling",
        "church" => "church group",
        "support" => "customer support",
        "strangers" => "people who get to know each other",
        "" => "a case",
        other => return visible(other),
    };
    words.to_owned()
}

fn language(tag: &str) -> String {
    let words = match tag {
        "en" => "English",
        "tl" => "Tagalog",
        "ceb" => "Cebuano",
        "tl-x-taglish" => "Tagalog and English",
        "ceb-x-bislish" => "Cebuano and English",
        other => return visible(other),
    };
    words.to_owned()
}

/// A case in a few words: `tutoring (Cebuano)`.
pub(super) fn case(label: &Case<'_>) -> String {
    in_words(&label.kind, &label.language, &label.style)
}

/// The same by what labels say of a case.
pub(super) fn in_words(of_kind: &str, tag: &str, style: &str) -> String {
    let mut how: Vec<String> = Vec::new();
    if !tag.is_empty() {
        how.push(language(tag));
        // Of a case without words, the style says nothing.
        if !matches!(style, "" | "plain") {
            how.push(format!("disguised: {}", visible(style)));
        }
    }
    let how = if how.is_empty() { String::new() } else { format!(" ({})", how.join(", ")) };
    kind(of_kind) + &how
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::Reader;

    #[test]
    fn labels_are_put_into_words() {
        let cases = [
            (
                r#"{"case":"1","risk":true,"kind":"stranger","language":"tl-x-taglish","style":"leet"}"#,
                "a stranger befriends a young person (Tagalog and English, disguised: leet)",
            ),
            (
                r#"{"case":"1","risk":true,"kind":"metadata","style":"leet"}"#,
                "payments and sessions that tell by themselves",
            ),
            (
                r#"{"case":"1","risk":false,"kind":"tutoring","language":"de","style":"plain"}"#,
                "tutoring (de)",
            ),
            (r#"{"case":"1","risk":false,"kind":"\u001b[2J"}"#, "‹U+001B›[2J"),
            (r#"{"case":"1","risk":false}"#, "a case"),
        ];
        for (line, expected) in cases {
            let mut reader = Reader::default();
            reader.line(line.as_bytes());
            assert_eq!(case(&reader.finish().expect("a label").cases()[0].label), expected);
        }
        assert_eq!((indicator("g3").as_str(), indicator("x9").as_str()), ("asking for secrecy", "x9"));
    }
}
