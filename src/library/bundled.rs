//! The rules and lists that ship, inside the program: what `demo` runs when nothing else is named.
//!
//! In the program, because an installed one has no repository beside it. A test holds this table to the files.

use super::Sources;
use crate::rule::list::{List, Lists};
use crate::rule::source::SourceMap;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../rules/", $path)))),*]
    };
}

/// Rule files: path below `rules`, text.
const RULES: &[(&str, &str)] = files![
    "chat/ceb/basic.yml",
    "chat/en/age.yml",
    "chat/en/approach.yml",
    "chat/en/contact.yml",
    "chat/en/money.yml",
    "chat/en/secrecy.yml",
    "chat/en/sequences.yml",
    "chat/tl/basic.yml",
    "metadata/payments.yml",
    "metadata/sessions.yml",
];

/// Lists: path below `rules`, text.
const LISTS: &[(&str, &str)] = files!["lists/messaging_apps.txt", "lists/payment_services.txt"];

/// The bundled rules and lists, as if they had been read from `rules`.
pub fn sources() -> Sources {
    let mut map = SourceMap::default();
    for (path, text) in RULES {
        map.add(&format!("rules/{path}"), text);
    }
    let mut lists = Lists::default();
    for (path, text) in LISTS {
        let name = path.trim_start_matches("lists/").trim_end_matches(".txt");
        if let Ok(list) = List::parse(name, text) {
            lists.insert(list);
        }
    }
    Sources { map, lists, ..Sources::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_table_holds_every_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let read = super::super::read(std::slice::from_ref(&root), None).expect("the rules are there");
        let bundled = sources();
        let texts = |map: &SourceMap| map.iter().map(|(_, file)| file.text().to_owned()).collect::<Vec<_>>();
        assert_eq!(texts(&bundled.map), texts(&read.map));
        assert_eq!(bundled.lists, read.lists);
    }
}
