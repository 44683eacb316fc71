//! The trace that the demo plays: the story, or the lines of a file.

use crate::file::{Content, find, open};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// One record to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The room; none where it is not known.
    pub(super) key: Option<String>,
    pub(super) payload: Vec<u8>,
}

/// Where the records come from.
pub(super) enum Trace {
    /// Made before.
    Items(std::vec::IntoIter<Item>),
    /// JSON Lines.
    Lines(Box<dyn BufRead + Send>),
}

impl Trace {
    /// The lines of a file, or of every such file in a directory; compression is undone.
    pub(super) fn file(path: &Path) -> io::Result<Trace> {
        let inputs = find(&[path.to_owned()], Content::Json).map_err(io::Error::other)?;
        let mut files: Box<dyn Read + Send> = Box::new(io::empty());
        for input in &inputs {
            files = Box::new(files.chain(open(input, &Arc::default())?));
        }
        Ok(Trace::Lines(Box::new(BufReader::new(files))))
    }

    /// The next record; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Item>> {
        match self {
            Trace::Items(items) => Ok(items.next()),
            Trace::Lines(lines) => next_line(lines),
        }
    }
}

/// The next line that is not empty.
fn next_line(lines: &mut dyn BufRead) -> io::Result<Option<Item>> {
    loop {
        let mut payload = Vec::new();
        if lines.read_until(b'\n', &mut payload)? == 0 {
            return Ok(None);
        }
        let kept = payload.trim_ascii_end().len();
        payload.truncate(kept);
        if kept > 0 {
            return Ok(Some(Item { key: room(&payload), payload }));
        }
    }
}

fn room(payload: &[u8]) -> Option<String> {
    let event: serde_json::Value = serde_json::from_slice(payload).ok()?;
    event.get("room")?.get("id")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_records_with_their_room_as_key() {
        let file = b"{\"room\":{\"id\":\"r1\"},\"text\":\"a\"}\r\n\n not json\n{}" as &[u8];
        let mut trace = Trace::Lines(Box::new(file));
        let mut read = Vec::new();
        while let Some(item) = trace.next().expect("readable") {
            read.push((item.key, String::from_utf8(item.payload).expect("UTF-8")));
        }
        let expected =
            [(Some("r1"), "{\"room\":{\"id\":\"r1\"},\"text\":\"a\"}"), (None, " not json"), (None, "{}")];
        assert_eq!(read, expected.map(|(key, payload)| (key.map(str::to_owned), payload.to_owned())));
    }
}
