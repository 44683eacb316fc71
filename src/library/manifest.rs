//! What the holder of a list states about it, in `NAME.manifest.toml` beside `NAME.txt`.
//!
//! Lists of terms that organisations give to their members are held under conditions: nobody else may read them, they are
//! replaced every month, and they are not to be used when a membership has ended. The manifest says so in a form that is checked
//! at every load, and a list that is not what it says is not used.

use crate::event::{DAY_MS, parse_day};
use crate::rule::list::{Edition, State};
use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// After so many days an edition is old: such lists are replaced every month.
pub const STALE_AFTER_DAYS: i64 = 35;

/// A manifest as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Who issued the list.
    pub source: String,
    /// The issuer's name of this edition. Flags show it.
    pub version: String,
    /// The day on which it was issued.
    pub issued: String,
    /// The last day on which it may be used.
    pub expires: Option<String>,
    /// SHA-256 of the list's file, in hexadecimal digits.
    pub sha256: String,
    /// Under which licence or agreement it is held.
    pub licence: String,
    /// Whether anybody may have it. If not, which is what is taken for granted, its file has to be its owner's alone.
    #[serde(default)]
    pub redistributable: bool,
}

impl Manifest {
    /// Reads a manifest; in words what is wrong with it, and in which line.
    pub fn parse(text: &str) -> Result<Manifest, String> {
        let read: Manifest = toml::from_str(text).map_err(|error| {
            let place = error.span().filter(|span| span.len() < text.len());
            placed(place.map(|span| line_of(text, span.start)), error.message())
        })?;
        for (key, day) in [("issued", Some(&read.issued)), ("expires", read.expires.as_ref())] {
            if day.is_some_and(|day| parse_day(day).is_none()) {
                let is_key = |line: &str| line.trim_start().strip_prefix(key).is_some_and(is_value);
                let line = text.lines().position(is_key).map(|index| index + 1);
                return Err(placed(line, &format!("`{key}` takes a day such as `2026-01-31`")));
            }
        }
        Ok(read)
    }

    /// The edition that this is of the list in `bytes`, `now`, in milliseconds since the epoch; or why it is not that of these
    /// bytes.
    pub fn edition(&self, bytes: &[u8], now: i64) -> Result<Edition, String> {
        let own = HEXLOWER.encode(&Sha256::digest(bytes));
        if !own.eq_ignore_ascii_case(&self.sha256) {
            return Err(
                "the list is not the one that its manifest describes: its SHA-256 is another".to_owned()
            );
        }
        self.unseen(now)
    }

    /// The edition that it states, whatever bytes there are.
    pub fn unseen(&self, now: i64) -> Result<Edition, String> {
        let day = |text: &str| parse_day(text).ok_or_else(|| format!("`{text}` is no day"));
        let issued = day(&self.issued)?;
        let expires = self.expires.as_deref().map(day).transpose()?.map(|last| last + DAY_MS);
        let state = if expires.is_some_and(|expires| expires <= now) {
            State::Expired
        } else if issued + STALE_AFTER_DAYS * DAY_MS <= now {
            State::Stale
        } else {
            State::Current
        };
        Ok(Edition { version: self.version.clone(), issued: self.issued.clone(), expires, state })
    }
}

/// What follows a key.
fn is_value(rest: &str) -> bool {
    rest.trim_start().starts_with('=')
}

/// The line of a byte, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn placed(line: Option<usize>, problem: &str) -> String {
    line.map_or_else(|| problem.to_owned(), |line| format!("line {line}: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Scalar, parse_time};

    const TEXT: &str = "source = \"An organisation\"\nversion = \"2026-10\"\nissued = \"2026-10-01\"\nexpires = \"2026-12-31\"\n\
        sha256 = \"SUM\"\nlicence = \"members\"\n";

    fn manifest(bytes: &[u8]) -> String {
        let sum = data_encoding::HEXUPPER.encode(&Sha256::digest(bytes));
        TEXT.replace("SUM", &sum)
    }

    fn at(day: &str) -> i64 {
        parse_time(Scalar::Text(day)).unwrap()
    }

    #[test]
    fn an_edition_ages_and_ends_with_its_last_day() {
        let parsed = Manifest::parse(&manifest(b"blorf\n")).unwrap();
        assert!(!parsed.redistributable);
        let states = [
            ("2026-10-01", State::Current),
            ("2026-11-04", State::Current),
            ("2026-11-05", State::Stale),
            ("2026-12-31T23:59:59.999Z", State::Stale),
            ("2027-01-01", State::Expired),
        ];
        for (now, state) in states {
            assert_eq!(parsed.edition(b"blorf\n", at(now)).unwrap().state, state, "{now}");
        }
        let for_good = Manifest::parse(&manifest(b"").replace("expires = \"2026-12-31\"\n", "")).unwrap();
        assert_eq!(for_good.edition(b"", at("2099-01-01")).unwrap().state, State::Stale);
    }

    #[test]
    fn what_does_not_describe_the_list_is_told_without_its_text() {
        let good = manifest(b"blorf\n");
        let cases = [
            (good.replace("licence = \"members\"\n", ""), "missing field `licence`"),
            (good.clone() + "expiry = \"x\"\n", "line 7: unknown field `expiry`"),
            (good.replace("= \"2026-10\"", "= 2026"), "line 2: invalid type"),
            (good.replace("licence", "licence members"), "line 6: "),
            (good.replace("2026-10-01", "October"), "line 3: `issued` takes a day"),
            (good.replace("2026-12-31", "2026-12-31T00:00:00Z"), "line 4: `expires` takes a day"),
            (manifest(b"other\n"), "its SHA-256 is another"),
        ];
        for (text, expected) in cases {
            let read = Manifest::parse(&text).and_then(|read| read.edition(b"blorf\n", 0));
            let error = read.unwrap_err();
            assert!(error.contains(expected) && !error.contains("blorf"), "{error}");
        }
    }
}
