//! Real harmless text that somebody gives: conversations, as lines of events or of plain text.

use serde_json::Value;

/// Lines of a run of plain text that are taken as one conversation, at most.
const LONGEST_RUN: usize = 40;
/// Speakers of a conversation that are told apart; further ones take turns with them.
const SPEAKERS: usize = 8;

/// Conversations in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    conversations: Vec<Vec<Line>>,
    /// The room of the last line, and its speakers by name.
    room: Option<String>,
    speakers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    speaker: u8,
    text: Box<str>,
}

impl Given {
    /// Takes the next line. A JSON object is an event: its `text`, said by its `sender.id`; those of one `room.id` in a row are a
    /// conversation. Any other line is a text of its own, said by two people in turn; an empty one ends the conversation.
    pub fn line(&mut self, line: &str) {
        let line = line.trim();
        let event = if line.starts_with('{') { serde_json::from_str::<Value>(line).ok() } else { None };
        match event {
            Some(event) => self.event(&event),
            None if line.is_empty() => self.room = None,
            None => self.plain(line),
        }
    }

    /// How many conversations there are.
    pub fn len(&self) -> usize {
        self.conversations.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.conversations.is_empty()
    }

    /// Who says the lines of a conversation, from 0.
    pub(super) fn speakers(&self, conversation: usize) -> impl Iterator<Item = u8> {
        self.conversations.get(conversation).into_iter().flatten().map(|line| line.speaker)
    }

    /// A line of a conversation.
    pub(super) fn text(&self, conversation: usize, line: u32) -> &str {
        let lines = self.conversations.get(conversation);
        lines.and_then(|lines| lines.get(line as usize)).map_or("", |line| &line.text)
    }

    fn event(&mut self, event: &Value) {
        let id = |path: &str| match event.pointer(path) {
            Some(Value::String(id)) => id.clone(),
            Some(id) => id.to_string(),
            None => String::new(),
        };
        let Some(text) = event.get("text").and_then(Value::as_str).filter(|text| !text.trim().is_empty())
        else {
            return;
        };
        let speaker = self.speaker(id("/room/id"), id("/sender/id"));
        self.push(speaker, text);
    }

    fn plain(&mut self, text: &str) {
        let said = match self.conversations.last() {
            Some(last) if self.room.as_deref() == Some("") => last.len(),
            _ => 0,
        };
        if said >= LONGEST_RUN {
            self.room = None;
        }
        let speaker = self.speaker(String::new(), (said % 2).to_string());
        self.push(speaker, text);
    }

    /// The place of a speaker among those of the room; another room begins a conversation.
    fn speaker(&mut self, room: String, name: String) -> u8 {
        if self.room.as_ref() != Some(&room) {
            self.room = Some(room);
            self.speakers.clear();
            self.conversations.push(Vec::new());
        }
        let known = self.speakers.iter().position(|speaker| *speaker == name);
        let place = known.unwrap_or_else(|| {
            self.speakers.push(name);
            self.speakers.len() - 1
        });
        u8::try_from(place % SPEAKERS).unwrap_or(0)
    }

    fn push(&mut self, speaker: u8, text: &str) {
        if let Some(last) = self.conversations.last_mut() {
            last.push(Line { speaker, text: text.into() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_conversations() {
        let mut given = Given::default();
        for line in [
            r#"{"room":{"id":"a"},"sender":{"id":"x"},"text":"hello"}"#,
            r#"{"room":{"id":"a"},"sender":{"id":"y"},"text":"hi \"there\""}"#,
            r#"{"room":{"id":"a"},"sender":{"id":"x"},"type":"viewer.joined"}"#,
            r#"{"room":{"id":"b"},"sender":{"id":"y"},"text":"another"}"#,
            "plain",
            "{not JSON",
            "",
            "after",
        ] {
            given.line(line);
        }
        let speakers: Vec<Vec<u8>> = (0..given.len()).map(|at| given.speakers(at).collect()).collect();
        assert_eq!(speakers, [vec![0, 1], vec![0], vec![0, 1], vec![0]]);
        assert_eq!((given.text(0, 1), given.text(2, 1)), ("hi \"there\"", "{not JSON"));
    }

    #[test]
    fn long_runs_are_cut() {
        let mut given = Given::default();
        (0..=2 * LONGEST_RUN).for_each(|_| given.line("again"));
        assert_eq!(given.len(), 3);
    }
}
