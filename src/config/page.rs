//! The reference page of the configuration, made from the default file and the table of keys.

use super::keys::{Kind, kind_of};
use super::told::{Told, told};
use super::{properties, value};

const HEAD: &str = "# Configuration

<!-- generated from src/config/default.toml and the table of keys; `BLESS=1 cargo test --test integration config` rewrites it -->

";

/// The page as Markdown: the default file's own words, and for each key its default and what it may hold.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for piece in told() {
        write(&mut page, &piece);
    }
    page.push_str("\n## Properties that are refused\n\n");
    page.push_str("| property | why, or what to use |\n|---|---|\n");
    for (name, reason) in properties::owned() {
        line(&mut page, format_args!("| `{name}` | {reason} |"));
    }
    page
}

fn write(page: &mut String, piece: &Told<'_>) {
    match piece {
        Told::Table(table) => {
            page.truncate(page.trim_end().len());
            line(page, format_args!("\n\n## [{table}]\n"));
        }
        Told::Paragraphs(paragraphs, examples) => {
            if !examples.is_empty() {
                line(page, format_args!("```toml\n{}\n```", examples.join("\n")));
            }
            for paragraph in paragraphs {
                line(page, format_args!("{paragraph}\n"));
            }
        }
        Told::Key(path, default, about) => {
            let key = path.rsplit('.').next().unwrap_or(path);
            let bounds =
                kind_of(path).and_then(bounds).map(|bounds| format!("; {bounds}")).unwrap_or_default();
            line(page, format_args!("* **`{key}`** = `{default}`{bounds}. {about}"));
        }
    }
}

/// What a number, a duration or a size may be.
pub(super) fn bounds(kind: Kind) -> Option<String> {
    match kind {
        Kind::Duration { least, most } => {
            Some(format!("{} to {}", value::show_duration(least), value::show_duration(most)))
        }
        Kind::Size { least, most } => {
            Some(format!("{} to {}", value::show_size(least), value::show_size(most)))
        }
        Kind::Integer { least, most } => Some(format!("{least} to {most}")),
        Kind::Ratio => Some("0 to 1".to_owned()),
        _ => None,
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.push_str(&arguments.to_string());
    text.push('\n');
}
