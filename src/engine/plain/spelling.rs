//! Where a phrase is spelt in a skeleton: by trying every stretch of whole words.

use crate::rule::model::Views;
use crate::text::View;
use crate::text::skeleton::{Letter, Reading, Script, Skeleton};
use std::ops::Range;

/// The first of the coarse views that holds the phrase, and the bytes of the value where it does.
pub(super) fn find(phrase: &str, views: Views, value: &str) -> Option<(View, Range<usize>)> {
    let forwards = [Script::Other, Script::Latin].map(|script| Wanted::of(phrase, script));
    let letters = forwards[0].letters.len();
    let named = |view| views == Views::Only(view);
    let automatic = |least| views == Views::Automatic && letters >= least;
    let several = forwards[0].words.len() >= 2;
    let texts = [Reading::Symbols, Reading::Plain, Reading::Shapes, Reading::Sequences]
        .map(|reading| Skeleton::of(value, reading, Script::Own));
    let first = |texts: &[Skeleton], wanted: &[Wanted], by_words: bool| {
        let mut each = texts.iter().flat_map(|text| wanted.iter().map(move |wanted| (text, wanted)));
        each.find_map(|(text, wanted)| Some(text.source(wanted.find(text, by_words)?)))
    };
    let mut found = None;
    if letters > 0 && (named(View::Skeleton) || automatic(5)) {
        found = first(&texts[..3], &forwards, true).map(|span| (View::Skeleton, span));
    }
    if letters > 0 && found.is_none() && (named(View::Squashed) || automatic(7)) {
        let disguised = named(View::Squashed) || automatic(9) && several;
        let mut backwards: Vec<_> = forwards.iter().map(Wanted::reversed).collect();
        backwards.extend(forwards.iter().map(Wanted::words_reversed));
        backwards.extend(forwards.iter().map(|one| one.turned().reversed()));
        backwards.extend(forwards.iter().map(Wanted::turned));
        let span = texts.iter().zip([true, true, true, false]).find_map(|(text, both)| {
            if !both && !disguised {
                return None;
            }
            let text = std::slice::from_ref(text);
            let backwards = if disguised && both { backwards.as_slice() } else { &[] };
            first(text, &forwards, false).or_else(|| first(text, backwards, false))
        });
        found = span.map(|span| (View::Squashed, span));
    }
    found
}

struct Wanted {
    letters: Vec<(char, char)>,
    words: Vec<Range<usize>>,
}

impl Wanted {
    fn of(phrase: &str, script: Script) -> Wanted {
        let skeleton = Skeleton::of(phrase, Reading::Plain, script);
        Wanted {
            letters: pairs(skeleton.letters()),
            words: skeleton.words().iter().map(|word| word.start as usize..word.end as usize).collect(),
        }
    }

    fn reversed(&self) -> Wanted {
        Wanted { letters: self.letters.iter().rev().copied().collect(), words: Vec::new() }
    }

    fn words_reversed(&self) -> Wanted {
        let word = |word: &Range<usize>| self.letters[word.clone()].iter().rev().copied().collect::<Vec<_>>();
        Wanted { letters: self.words.iter().flat_map(word).collect(), words: Vec::new() }
    }

    fn turned(&self) -> Wanted {
        const UPRIGHT: &str = "bdnpqu";
        const TURNED: &str = "qpudbn";
        let turn = |written| UPRIGHT.find(written).and_then(|at| TURNED.chars().nth(at)).unwrap_or(written);
        let each = self.letters.iter().map(|(class, written)| match turn(*written) {
            letter if letter != *written => (letter, letter),
            _ => (*class, *written),
        });
        Wanted { letters: each.collect(), words: Vec::new() }
    }

    fn find(&self, text: &Skeleton, by_words: bool) -> Option<Range<usize>> {
        let words = text.words();
        let letters = pairs(text.letters());
        for first in 0..words.len() {
            for last in first..words.len() {
                let range = words[first].start as usize..words[last].end as usize;
                let own = if by_words {
                    self.same_words(&letters, &words[first..=last])
                } else {
                    !long_before(&letters[range.clone()], (words[last].end - words[last].start) as usize)
                };
                if own && spells(&self.letters, &letters[range.clone()]) {
                    return Some(range);
                }
            }
        }
        None
    }

    fn same_words(&self, letters: &[(char, char)], words: &[Range<u32>]) -> bool {
        let classes = |letters: &[(char, char)]| runs(letters).iter().map(|run| run[0].0).collect::<Vec<_>>();
        let mut pairs = self.words.iter().zip(words);
        self.words.len() == words.len()
            && pairs.all(|(own, their)| {
                classes(&self.letters[own.clone()])
                    == classes(&letters[their.start as usize..their.end as usize])
            })
    }
}

/// Whether the last run of the letters has three or more before the last word.
fn long_before(letters: &[(char, char)], word: usize) -> bool {
    runs(letters).last().is_some_and(|run| run.len() >= word + 3)
}

fn pairs(letters: &[Letter]) -> Vec<(char, char)> {
    letters.iter().map(|letter| (letter.class, letter.written)).collect()
}

fn runs(letters: &[(char, char)]) -> Vec<&[(char, char)]> {
    letters.chunk_by(|one, other| one.0 == other.0).collect()
}

fn spells(wanted: &[(char, char)], found: &[(char, char)]) -> bool {
    let (wanted, runs) = (runs(wanted), runs(found));
    let pairs = || wanted.iter().zip(&runs);
    let doubled = pairs().filter(|(own, their)| (own.len(), their.len()) == (1, 2)).count();
    let differing: Option<usize> = pairs()
        .map(|(own, their)| if own.len() == their.len() { by_place(own, their) } else { by_set(own, their) })
        .sum();
    wanted.len() == runs.len()
        && pairs().all(|(own, their)| own[0].0 == their[0].0)
        && pairs().all(|(own, their)| own.len() == their.len() || their.len() >= 3 || own.len() == 1)
        && doubled != 1
        && differing.is_some_and(|letters| letters <= 1)
        && found.iter().any(|(_, written)| !written.is_ascii_digit())
}

/// At how many places another letter was written; none if a digit is missing.
fn by_place(own: &[(char, char)], their: &[(char, char)]) -> Option<usize> {
    let pairs = || own.iter().map(|own| own.1).zip(their.iter().map(|their| their.1));
    let digits = pairs().all(|(own, their)| !own.is_ascii_digit() || own == their);
    let differing = pairs().filter(|pair| matches!(pair, ('i', 'l') | ('l', 'i'))).count();
    digits.then_some(differing)
}

/// The same where there are not as many.
fn by_set(own: &[(char, char)], their: &[(char, char)]) -> Option<usize> {
    let has = |run: &[(char, char)], letter| run.iter().any(|(_, written)| *written == letter);
    let strange = ['i', 'l'].into_iter().any(|letter| has(their, letter) && !has(own, letter));
    let digits = own.iter().any(|(_, written)| written.is_ascii_digit());
    (!digits).then_some(usize::from(strange))
}
