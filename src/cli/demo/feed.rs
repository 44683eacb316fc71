//! The trace that the demo plays: bundled, or the lines of a file.

use crate::file::{Content, find, open};
use crate::generate::{Generator, Settings, SettingsError};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// One record to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The room, so that a conversation keeps its order; none where it is not known.
    pub(super) key: Option<String>,
    pub(super) payload: Vec<u8>,
}

/// Where the records come from.
pub(super) enum Trace {
    /// The generator with the bundled settings, for so many more events.
    Bundled(Box<Generator>, u64),
    /// JSON Lines.
    Lines(Box<dyn BufRead + Send>),
}

impl Trace {
    /// The bundled trace; goes on beyond its end if `endless`.
    pub(super) fn bundled(endless: bool) -> Result<Trace, SettingsError> {
        let events = if endless { u64::MAX } else { Settings::BUNDLED_EVENTS };
        Ok(Trace::Bundled(Box::new(Generator::new(&Settings::bundled())?), events))
    }

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
            Trace::Bundled(generator, left) => {
                let Some(rest) = left.checked_sub(1) else { return Ok(None) };
                *left = rest;
                let mut payload = Vec::new();
                let room = generator.next_into(&mut payload).room;
                Ok(Some(Item { key: Some(room.to_string()), payload }))
            }
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

    #[test]
    fn the_bundled_trace_has_an_end_unless_told_otherwise() {
        let mut trace = Trace::bundled(false).expect("valid");
        let mut count = 0;
        while trace.next().expect("no input").is_some() {
            count += 1;
        }
        assert_eq!(count, Settings::BUNDLED_EVENTS);
    }
}
