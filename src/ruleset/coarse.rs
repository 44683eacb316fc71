//! A phrase in the coarse views: what it is looked for as in skeletons.
//!
//! How coarse a reading may be depends on how much there is to read: a literal of four letters is found in any
//! text if letters may be apart, one of fifteen in none that does not mean it. So `text`, the automatic reading, takes the
//! views that are safe for the number of its letters; a view that is named is taken as told.

use super::stream::Part::{Head, Seeded, Tail, Whole};
use super::stream::StreamLiteral;
use super::tokens::rarest;
use crate::rule::model::{PatternKind, Views};
use crate::text::near::Bag;
use crate::text::skeleton::{Reading, Script};
use crate::text::spelling::{Fuzzy, Spelling, Spelt};
use crate::text::{View, position};
use std::ops::Range;

/// Fewest letters of a phrase that is read in the skeleton view.
pub(crate) const SKELETON: usize = 5;
/// Fewest letters of a phrase that is read in the squashed view.
pub(crate) const SQUASHED: usize = 7;
/// Fewest letters of a phrase of several words that is also looked for in sequences of symbols, backwards, and over several
/// messages.
pub(crate) const DISGUISED: usize = 9;

/// How the words of a pattern have to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// In their order, one after the other.
    Row {
        /// How many slips are asked for by name: `fuzzy1`, `fuzzy2`, or none.
        fuzzy: u8,
    },
    /// In any order, so many words apart at most. Then each is a word in every view, spelt as it should be.
    Any {
        /// So many.
        reach: u8,
    },
}

impl Order {
    /// How the words of a pattern have to stand.
    pub(crate) fn of(kind: &PatternKind) -> Order {
        match kind {
            PatternKind::Fuzzy { slips, .. } => Order::Row { fuzzy: *slips },
            PatternKind::Near { reach, .. } => Order::Any { reach: *reach },
            PatternKind::Words(_)
            | PatternKind::Glob { .. }
            | PatternKind::Network(_)
            | PatternKind::Regex(_) => Order::Row { fuzzy: 0 },
        }
    }

    /// One after the other.
    pub(crate) fn is_row(self) -> bool {
        matches!(self, Order::Row { .. })
    }
}

/// What a phrase has to go by, and the coarse views that it is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Number of its letters.
    pub(crate) letters: usize,
    /// Number of its words.
    pub(crate) words: usize,
    /// The views.
    pub(crate) views: CoarseViews,
}

impl Measure {
    /// Measures a phrase; none if it has no letters.
    pub(crate) fn of(text: &str, views: Views, order: Order) -> Option<Measure> {
        Some(Measure::of_spelling(&Spelling::new(text, Script::Other)?, views, order))
    }

    fn of_spelling(spelling: &Spelling, views: Views, order: Order) -> Measure {
        let (letters, words) = (spelling.len(), spelling.words());
        let views = CoarseViews::of(views, letters, words);
        let as_words = CoarseViews { skeleton: views.skeleton, ..CoarseViews::default() };
        Measure { letters, words, views: if order.is_row() { views } else { as_words } }
    }
}

/// A phrase as it is looked for in skeletons.
#[derive(Debug)]
pub(crate) struct Coarse {
    /// As it is spelt: once, or twice if that depends on the script of the text.
    forwards: Vec<Spelling>,
    /// Written backwards, as a whole or word by word, and upside down, as a whole or letter by letter.
    backwards: Vec<Spelling>,
    /// By what its words are found near each other, for each way to spell it; none if they have to be in a row.
    bags: Vec<Bag>,
    views: CoarseViews,
    /// It is also looked for with one slip of the fingers.
    misspelt: bool,
    /// It is also looked for with the slips that were asked for.
    fuzzy: Option<Fuzzy>,
}

/// The coarse views that a phrase is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CoarseViews {
    /// Words as words.
    pub(crate) skeleton: bool,
    /// Letters apart, words together.
    pub(crate) squashed: bool,
    /// In the squashed view also backwards, and where sequences of symbols are letters.
    pub(crate) disguised: bool,
}

impl CoarseViews {
    /// The views that are safe for a phrase of so many letters and words.
    pub(crate) fn safe(letters: usize, words: usize) -> CoarseViews {
        CoarseViews {
            skeleton: letters >= SKELETON,
            squashed: letters >= SQUASHED,
            disguised: letters >= DISGUISED && words >= 2,
        }
    }

    /// In which views a phrase is looked for over several messages.
    fn joined(letters: usize, words: usize) -> CoarseViews {
        let CoarseViews { disguised: long, .. } = CoarseViews::safe(letters, words);
        CoarseViews { skeleton: long, squashed: long, disguised: false }
    }

    fn of(views: Views, letters: usize, words: usize) -> CoarseViews {
        match views {
            Views::Automatic => CoarseViews::safe(letters, words),
            Views::Only(View::Skeleton) => CoarseViews { skeleton: true, ..CoarseViews::default() },
            Views::Only(View::Squashed) => CoarseViews { skeleton: false, squashed: true, disguised: true },
            Views::Only(View::Joined) => CoarseViews::joined(letters, words),
            Views::Only(_) => CoarseViews::default(),
        }
    }
}

/// The ways in which a phrase is written backwards or upside down.
const WAYS: [fn(&Spelling) -> Option<Spelling>; 6] = [
    Spelling::reversed,
    Spelling::words_reversed,
    Spelling::flipped,
    Spelling::turned,
    Spelling::capitals_flipped,
    Spelling::some_capitals_flipped,
];

impl Coarse {
    /// The words of `text` as the coarse views have them, with `slips` also misspelt where nobody asked for it; none if it is
    /// looked for in none.
    pub(crate) fn new(text: &str, views: Views, order: Order, slips: bool) -> Option<Coarse> {
        let plain = Spelling::new(text, Script::Other)?;
        let asked = views;
        let views = Measure::of_spelling(&plain, asked, order).views;
        if views == CoarseViews::default() {
            return None;
        }
        let misspelt = slips && asked == Views::Automatic && views.disguised && plain.may_be_misspelt();
        let latin = Spelling::new(text, Script::Latin).filter(|latin| !latin.same_letters(&plain));
        let forwards: Vec<Spelling> = [Some(plain), latin].into_iter().flatten().collect();
        let mut backwards: Vec<Spelling> = Vec::new();
        if views.disguised {
            for spelling in WAYS.iter().flat_map(|way| forwards.iter().filter_map(way)) {
                let known = |one: &Spelling| one.same_letters(&spelling);
                if !forwards.iter().chain(&backwards).any(known) {
                    backwards.push(spelling);
                }
            }
        }
        let (bags, fuzzy) = match order {
            Order::Row { fuzzy } => (Vec::new(), forwards.first().and_then(|spelling| spelling.fuzzy(fuzzy))),
            Order::Any { reach } => {
                (forwards.iter().map(|spelling| spelling.bag(reach)).collect::<Option<_>>()?, None)
            }
        };
        Some(Coarse { forwards, backwards, bags, views, misspelt, fuzzy })
    }

    /// Whether it is looked for in that reading.
    pub(crate) fn reads(&self, reading: Reading) -> bool {
        reading != Reading::Sequences || self.views.disguised
    }

    /// Where a reading that it is looked for in first has it, word by word: letters of the reading.
    pub(crate) fn find_words(&self, reading: Reading, text: &mut Spelt) -> Option<Range<usize>> {
        if !self.views.skeleton || reading == Reading::Sequences {
            return None;
        }
        if !self.bags.is_empty() {
            return self
                .forwards
                .iter()
                .zip(&self.bags)
                .find_map(|(spelling, bag)| spelling.find_near(bag, text));
        }
        self.forwards.iter().find_map(|spelling| spelling.find_words(text))
    }

    /// Where a reading first has it, letter by letter.
    pub(crate) fn find_letters(&self, reading: Reading, text: &mut Spelt) -> Option<Range<usize>> {
        if !self.views.squashed {
            return None;
        }
        let backwards = if reading == Reading::Sequences { &[] } else { self.backwards.as_slice() };
        self.forwards.iter().chain(backwards).find_map(|spelling| spelling.find_letters(text))
    }

    /// Where a reading first has it with one slip: letters of the reading.
    pub(crate) fn find_misspelt(&self, reading: Reading, text: &mut Spelt) -> Option<Range<usize>> {
        if !self.misspelt || reading == Reading::Sequences {
            return None;
        }
        self.forwards.first()?.find_misspelt(text)
    }

    /// Where a reading has it with the fewest of the slips that were asked for: how many, and letters of the reading.
    pub(crate) fn find_fuzzy(&self, reading: Reading, text: &mut Spelt) -> Option<(u8, Range<usize>)> {
        let fuzzy = self.fuzzy.as_ref().filter(|_| reading != Reading::Sequences)?;
        self.forwards.first()?.find_fuzzy(fuzzy, text)
    }

    /// How many words it has, in each way to spell it.
    pub(crate) fn word_counts(&self) -> impl Iterator<Item = usize> {
        self.forwards.iter().map(Spelling::words)
    }

    /// What the stream holds wherever that word of words near each other is.
    pub(crate) fn of_word(&self, number: usize) -> impl Iterator<Item = StreamLiteral> {
        self.forwards.iter().map(move |spelling| word(spelling, number))
    }

    /// What the stream holds wherever it is found other than as words.
    pub(crate) fn literals(&self) -> Vec<StreamLiteral> {
        if !self.bags.is_empty() {
            let rarest = |spelling: &Spelling| Some(word(spelling, rarest_word(spelling)?));
            return self.forwards.iter().filter_map(rarest).collect();
        }
        let all = self.forwards.iter().chain(&self.backwards).filter(|_| self.views.squashed);
        let mut literals: Vec<_> =
            all.map(|spelling| StreamLiteral::letters(spelling.squeezed(), Whole)).collect();
        let Some(spelling) = self.forwards.first() else { return literals };
        let mut enter = |part| literals.push(StreamLiteral::letters(spelling.squeezed(), part));
        if self.misspelt {
            let words = position(spelling.words());
            [Head { words }, Tail { words }].into_iter().for_each(&mut enter);
        }
        if let Some(fuzzy) = &self.fuzzy {
            fuzzy.seeds().iter().map(|seed| Seeded { seed: *seed, most: fuzzy.most() }).for_each(enter);
        }
        literals
    }
}

/// The word by which words near each other are looked up.
fn rarest_word(spelling: &Spelling) -> Option<usize> {
    let written: Vec<String> = spelling.written().collect();
    rarest(written.iter().map(String::as_str))
}

/// One of its words, as the stream holds it.
fn word(spelling: &Spelling, word: usize) -> StreamLiteral {
    StreamLiteral::word(spelling.squeezed_word(word))
}
