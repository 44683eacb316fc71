//! The part of a text around a match that a flag shows.

use std::ops::Range;

/// Most bytes of text that one piece of evidence shows.
pub const LIMIT: usize = 1_024;

/// The bytes of `text` to show for a match at `span`: the whole text if it is short enough, else at most
/// `limit` bytes with the match in the middle, on character boundaries. Of a match longer than that, its start.
pub fn around(text: &str, span: Range<usize>, limit: usize) -> Range<usize> {
    if text.len() <= limit {
        return 0..text.len();
    }
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len()).min(start + limit);
    let before = ((limit - (end - start)) / 2).min(start);
    // What is not needed before the match is shown after it, and the other way round.
    let last = (start - before + limit).min(text.len());
    let first = last.saturating_sub(limit);
    text.ceil_char_boundary(first)..text.floor_char_boundary(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        // what it shows, text, span, limit, excerpt
        let cases = [
            ("a short text is shown whole", "abc", 1..2, 5, "abc"),
            ("the match in the middle", "0123456789", 4..6, 6, "234567"),
            ("a match at the start", "0123456789", 0..1, 4, "0123"),
            ("a match at the end", "0123456789", 9..10, 4, "6789"),
            ("a match longer than the limit", "0123456789", 2..9, 4, "2345"),
            ("characters are not cut", "ééééé", 4..6, 5, "éé"),
            ("an empty match", "0123456789", 5..5, 4, "3456"),
            ("a span beyond the text", "0123456789", 40..50, 4, "6789"),
        ];
        for (name, text, span, limit, expected) in cases {
            assert_eq!(text.get(around(text, span, limit)), Some(expected), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_excerpt_is_bounded_and_holds_the_match(text in "[aé日😀 ]{0,60}", cut in 0usize..60, len in 0usize..8) {
            let start = text.floor_char_boundary(cut.min(text.len()));
            let end = text.floor_char_boundary((start + len).min(text.len())).max(start);
            let shown = around(&text, start..end, 24);
            proptest::prop_assert!(text.get(shown.clone()).is_some());
            proptest::prop_assert!(shown.len() <= 24 || text.len() <= 24);
            proptest::prop_assert!(shown.start <= start && end <= shown.end);
        }
    }
}
