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
    "cases/coercion.yml",
    "cases/grooming.yml",
    "cases/money.yml",
    "cases/sequences.yml",
    "cases/signs.yml",
    "cases/signs_in_rooms.yml",
    "chat/ceb/age.yml",
    "chat/ceb/approach.yml",
    "chat/ceb/contact.yml",
    "chat/ceb/money.yml",
    "chat/ceb/pressure.yml",
    "chat/ceb/secrecy.yml",
    "chat/ceb/session.yml",
    "chat/context.yml",
    "chat/en/age.yml",
    "chat/en/arranging.yml",
    "chat/en/directing.yml",
    "chat/en/flattery.yml",
    "chat/en/gifts.yml",
    "chat/en/image.yml",
    "chat/en/isolation.yml",
    "chat/en/meeting.yml",
    "chat/en/moving.yml",
    "chat/en/preview.yml",
    "chat/en/price.yml",
    "chat/en/recording.yml",
    "chat/en/secrecy.yml",
    "chat/en/surroundings.yml",
    "chat/en/threats.yml",
    "chat/en/transfer.yml",
    "chat/tl/age.yml",
    "chat/tl/approach.yml",
    "chat/tl/contact.yml",
    "chat/tl/money.yml",
    "chat/tl/pressure.yml",
    "chat/tl/secrecy.yml",
    "chat/tl/session.yml",
    "metadata/payments.yml",
    "metadata/sessions.yml",
];

/// Lists: path below `rules`, text.
const LISTS: &[(&str, &str)] = files![
    "lists/arranged_others.txt",
    "lists/audiences.txt",
    "lists/camera_asks.txt",
    "lists/carers.txt",
    "lists/gift_offers.txt",
    "lists/gifts.txt",
    "lists/guessed_young_ages.txt",
    "lists/meeting_asks.txt",
    "lists/messaging_apps.txt",
    "lists/payment_services.txt",
    "lists/photo_asks.txt",
    "lists/stated_young_ages.txt",
    "lists/your_carers.txt",
];

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
