//! The words that fill the templates' slots. All invented or everyday; nothing here needs escaping in JSON.
//!
//! Messaging apps and payment services are invented names, the same that `rules/lists` holds.

/// First names, from many places.
pub(super) const PEOPLE: &[&str] = &[
    "Ana", "Ben", "Carla", "Dino", "Elsa", "Faisal", "Grace", "Hugo", "Inês", "Jun", "Kofi", "Liza", "Mateo",
    "Nadia", "Øystein", "Priya", "Rosa", "Sven", "Tala", "Uwe", "Vera", "Will", "Ximena", "Yuki", "Zoë",
];

/// Countries that send money, with their offset from UTC in minutes.
pub(super) const PAYING: &[(&str, i32)] =
    &[("AU", 600), ("GB", 0), ("DE", 60), ("NO", 60), ("US", -300), ("CA", -300), ("NZ", 720)];

/// Countries that receive it.
pub(super) const HOSTING: &[(&str, i32)] =
    &[("PH", 480), ("TH", 420), ("CO", -300), ("MX", -360), ("GH", 0), ("RO", 120), ("JM", -300)];

/// Messaging apps that do not exist.
pub(super) const APPS: &[&str] = &["AppOne", "Chattle", "Pingaroo", "Quillchat", "Murmurly", "Zapnote"];

/// Payment services that do not exist.
pub(super) const SERVICES: &[&str] = &["PayFox", "Sendly", "Remitano Plus", "QuickKoin", "Wallaby Pay"];

/// The words of a slot; the slot itself, visibly, if there is none of that name (a test sees to it).
pub(super) fn slot(name: &str) -> &'static [&'static str] {
    match name {
        "animal" => &["cat", "dog", "goat", "turtle", "parrot", "rabbit", "horse"],
        "app" => APPS,
        "city" => &["Oslo", "São Paulo", "Cebu", "Bogotá", "Köln", "Accra", "Osaka", "Perth"],
        "day" => &["today", "tomorrow", "tonight", "monday", "friday", "this weekend"],
        "food" => &["rice", "soup", "adobo", "noodles", "pizza", "mango cake", "jalapeño stew"],
        "heart" => &["❤️", "💛", "<3", "🥰"],
        "hi" => &["hi", "hello", "hey", "good morning", "hii"],
        "name" => PEOPLE,
        "number" => &["2", "3", "5", "8", "12", "14", "20", "35", "42", "60"],
        "party" => &["🎉", "🎂", "🥳", "👏"],
        "place" => &["market", "bridge", "station", "beach", "old tower", "library", "garden"],
        "service" => SERVICES,
        "smile" => &["🙂", "😂", "😅", ":)", "xD", "🤣"],
        _ => &["?"],
    }
}
