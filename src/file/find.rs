//! Which files to read: those named, and in directories those whose names promise events.

use super::{FindError, walk};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Each a JSON object.
    Json,
    /// Each a text.
    Text,
}

impl Content {
    /// Extensions by which such files are found in directories.
    fn extensions(self) -> &'static [&'static str] {
        match self {
            Content::Json => &["jsonl", "ndjson", "json"],
            Content::Text => &["txt", "log", "text"],
        }
    }
}

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File {
        /// Its path.
        path: PathBuf,
        /// Its size, compressed as it may be; none of what is no regular file, such as a pipe.
        bytes: Option<u64>,
    },
}

impl Input {
    /// What flags and messages call it.
    pub fn name(&self) -> Arc<str> {
        match self {
            Input::Stdin => "stdin".into(),
            Input::File { path, .. } => path.display().to_string().into(),
        }
    }

    /// Whether it may still be being written while it is read.
    pub fn is_live(&self) -> bool {
        matches!(self, Input::Stdin | Input::File { bytes: None, .. })
    }
}

/// The inputs that `paths` mean: `-` is standard input, a directory all files in and below it that are named like
/// events, with or without `.gz` or `.zst`, by name.
pub fn find(paths: &[PathBuf], content: Content) -> Result<Vec<Input>, FindError> {
    let mut found = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            found.push(Input::Stdin);
        } else if path.is_dir() {
            let before = found.len();
            walk(path, &mut |file| {
                if is_named_like(file, content) {
                    found.push(file_input(file));
                }
            })?;
            if found.len() == before {
                return Err(FindError::Nothing {
                    path: path.clone(),
                    what: "file of events",
                    extensions: content.extensions(),
                });
            }
        } else {
            found.push(file_input(path));
        }
    }
    Ok(found)
}

/// A missing file is reported when it is opened.
fn file_input(path: &Path) -> Input {
    let bytes = path.metadata().map_or(Some(0), |metadata| metadata.is_file().then_some(metadata.len()));
    Input::File { path: path.to_owned(), bytes }
}

fn is_named_like(path: &Path, content: Content) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    content.extensions().contains(&extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_events() {
        let cases = [
            ("a.jsonl", Content::Json, true),
            ("a.JSONL.gz", Content::Json, true),
            ("a.ndjson.zst", Content::Json, true),
            ("a.txt", Content::Json, false),
            ("a.txt.gz", Content::Text, true),
            ("jsonl", Content::Json, false),
            ("a.gz", Content::Json, false),
        ];
        for (name, content, expected) in cases {
            assert_eq!(is_named_like(Path::new(name), content), expected, "{name}");
        }
    }
}
