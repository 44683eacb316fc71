//! Directives of the log filter: `info`, or `info,wardline::kafka=debug`.
//!
//! The filter itself takes any lone word for a target, so a misspelt level would switch the log off without
//! a word: a lone word must be a level here.

use super::keys::nearest;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

/// The filter that `text` describes, or what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<EnvFilter, String> {
    let directives = || text.split(',').map(str::trim).filter(|directive| !directive.is_empty());
    if directives().next().is_none() {
        return Err(unreadable(text));
    }
    let lone = |directive: &&str| !directive.contains('=') && directive.parse::<LevelFilter>().is_err();
    if let Some(word) = directives().find(lone) {
        return Err(unknown(word));
    }
    let tidy: Vec<_> = directives().collect();
    EnvFilter::builder().parse(tidy.join(",")).map_err(|_| unreadable(text))
}

fn unreadable(text: &str) -> String {
    format!("expected a level such as \"info\" or log directives, found {text:?}")
}

fn unknown(word: &str) -> String {
    let lower = word.to_lowercase();
    let longer = LEVELS.into_iter().find(|level| lower.starts_with(level));
    match longer.or_else(|| nearest(&lower, LEVELS.into_iter())) {
        Some(meant) => format!("unknown level {word:?}; did you mean {meant:?}?"),
        None => format!(
            "unknown level {word:?}; expected one of {}, or target=level such as \"wardline::kafka=debug\"",
            LEVELS.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn levels_and_directives_are_read() {
        for text in ["info", "WARN", "off", "info,wardline::kafka=debug", " debug , wardline=trace ", "info,"]
        {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_misspelt_level_does_not_pass_for_a_target() {
        let cases = [
            ("warning", "unknown level \"warning\"; did you mean \"warn\"?"),
            ("inof", "unknown level \"inof\"; did you mean \"info\"?"),
            ("wardline=debug,errr", "unknown level \"errr\"; did you mean \"error\"?"),
            (
                "wardline::kafka",
                "unknown level \"wardline::kafka\"; expected one of error, warn, info, debug, trace, off, \
                 or target=level such as \"wardline::kafka=debug\"",
            ),
            ("wardline=inof", "expected a level such as \"info\" or log directives, found \"wardline=inof\""),
            ("", "expected a level such as \"info\" or log directives, found \"\""),
        ];
        for (text, message) in cases {
            assert_eq!(parse(text).map(drop), Err(message.to_owned()), "{text}");
        }
    }
}
