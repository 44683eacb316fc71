//! A text as a view reads it, as one value: two messages are the same in a view if their readings are.

use super::skeleton::{Reading, Script, Skeleton};
use super::{View, fold};
use std::ops::Range;

/// `text` as `view` reads it. In the skeleton words are apart by one space, and stretched letters stand once; squashed there are no
/// spaces. A joined text is read as it is.
pub fn reading(text: &str, view: View) -> String {
    match view {
        View::Raw | View::Joined => text.to_owned(),
        View::Folded => fold::fold(text),
        View::Skeleton => letters(text, " "),
        View::Squashed => letters(text, ""),
    }
}

fn letters(text: &str, between: &str) -> String {
    let skeleton = Skeleton::of(text, Reading::Symbols, Script::Own);
    let word =
        |word: &Range<u32>| skeleton.letters_of(word).iter().map(|letter| letter.class).collect::<String>();
    let words: Vec<String> = skeleton.words().iter().map(word).collect();
    let mut letters: Vec<char> = words.join(between).chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_read_alike_what_they_find_alike() {
        // view, two texts, whether they are the same in it
        let cases = [
            (View::Raw, "Secret", "secret", false),
            (View::Folded, "Secret", "ＳＥＣＲＥＴ", true),
            (View::Folded, "secret", "s3cret", false),
            (View::Skeleton, "secret", "s3cr3t", true),
            (View::Skeleton, "keep it", "keeeep  it", true),
            (View::Skeleton, "keep it", "k e e p i t", false),
            (View::Squashed, "keep it", "k e e p i t", true),
            (View::Squashed, "keep it", "keep at", false),
        ];
        for (view, one, other, same) in cases {
            assert_eq!(reading(one, view) == reading(other, view), same, "{view} {one:?} {other:?}");
        }
    }
}
