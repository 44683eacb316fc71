//! Makes table T2, what folded characters look like, from lists of our own, UTS #39 and decancer, in this order, and
//! with it the shapes that folding loses. `text_tables.rs` writes and compares it.
//!
//! Both sources are asked for one character at a time: the skeleton of UTS #39 rewrites ASCII too, and is for comparing
//! two texts, not for reading one. What they say is shape, and of that only what one to two letters or digits say.
#![expect(clippy::unwrap_used, reason = "a generator that fails fails its test")]

use crate::fold_table::Foldings;
use crate::text_tables::{Pages, write_numbers};
use icu_properties::CodePointMapData;
use icu_properties::props::{BidiClass, GeneralCategory};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

/// Letters read for others in any text, where UTS #39 is silent or has another shape in mind: it compares capital
/// letters too, while folded ones are small. Among them the letters that styles made of scripts without much use in
/// chat are written with (Cherokee, Canadian syllabics, Old Italic), which replace whole words.
const OWN: &str = "
    ζ z χ x ғ f ӿ x ҳ x ҝ k ƨ s ƽ 5 ꟼ p ꟽ m ȹ qp
    Ꮧ a Ᏸ b Ꮄ d Ꭶ f Ꮆ g Ꮒ h Ꮰ j Ꮭ l Ꮑ n Ꭷ o Ꭾ p Ꭴ q Ꮥ s Ꮦ t Ꮼ u Ꮙ v Ꮗ w Ꭹ y
    ᗩ a ᑕ c ᗴ e ᑎ n ᑫ q ᔕ s ᗯ w ᘔ z ᑢ c ᕲ d ᘿ e ᘜ g ᓰ i ᒚ j ᘻ m ᘉ n ᓍ o ᕵ p ᕴ q ᖶ t ᑘ u ᐺ v ᘺ w ᖻ y
    𐌀 a 𐌃 d 𐌄 e 𐌅 f 𐋅 h 𐌊 k 𐌋 l 𐌌 m 𐌍 n 𐌐 p 𐌒 q 𐌓 r 𐌔 s 𐌵 u 𐋄 x 𐌙 y";

/// Letters read for others among Latin letters only, where decancer has another shape in mind than the writers of
/// such styles.
const OWN_AMONG_LATIN: &str = "
    տ s б b φ o ч y ы bi э e ю io პ e ჰ s გ q ዕ d ሀ v ノ i カ m ス k リ y 丂 s ꪖ a ꪮ o ๏ o";

/// Signs read for letters in any text, but inside words only: those of money (`₴` for s is a style of its own), of
/// mathematics, and shapes as plain as a letter. No faces, hearts, arrows or frames: they stand for themselves.
const SIGNS: &str = "
    ¢ c £ l ¥ y € e ₡ c ₢ c ₣ f ₤ l ₥ m ₦ n ₩ w ₫ d ₭ k ₮ t ₱ p ₲ g ₳ a ₴ s ₵ c ₸ t ₽ p ₿ b ฿ b 💲 s
    § s © c ® r ° o ¡ i † t ℘ p ℮ e ∂ d ∆ a √ v ∫ s ∑ e ∏ n ∀ a ∃ e ∈ e ∩ n ∪ u ∨ v ⊂ c ∅ o ∞ oo
    ⅁ g ⅂ l ⅃ j ⅄ y ⊥ t ┴ t ⟂ t ⟘ t ˥ l × x ᙭ x ⨯ x ✕ x ✖ x ╳ x ❌ x ⭕ o ◯ o ○ o ● o △ a ▲ a ⋊ k ◖ d";

/// Regional indicators, and digits in circles that have no decomposition.
const RANGES: [(char, RangeInclusive<char>); 8] = [
    ('\u{1f1e6}', 'a'..='z'),
    ('⓵', '1'..='9'),
    ('⓿', '0'..='0'),
    ('❶', '1'..='9'),
    ('➀', '1'..='9'),
    ('➊', '1'..='9'),
    ('🄋', '0'..='0'),
    ('🄌', '0'..='0'),
];

/// Prototypes of UTS #39 whose folding is not what their class is read for. `-`: they are read for nothing, as a
/// reversed letter is, which would make Latin words of Russian ones.
const PROTOTYPES: &str = "ß b ʍ m ꞓ e ʌ a ɜ 3 ɔ c ɰ w ᴎ - ᴙ - ɸ -";

/// Shapes that folding loses and UTS #39 does not say, or says otherwise: of letters that upside-down and other styles
/// use for their shape though folding knows them for letters of their own, and of Greek capitals in Latin words. `-`:
/// what UTS #39 says would make Latin words of Russian ones, goes by the sound of the letter it compares with, or is a
/// turned letter, which folding has turned back.
const SHAPES: &str =
    "ɟ f ƃ g Ƃ g ɾ j ǫ q Ǫ q Ԁ p ς c ʒ 3 Þ p Ա u Σ e Ϲ c Ω o Δ a Л - Ӆ - Ⴀ - ɯ - ʍ - ʌ - Ʌ - Ɯ - 𐐒 b";

/// Scripts left out of what decancer says: syllables fall apart into letters when folded, and what was pressed into
/// clay or carved in stone is not chatted in.
const SCRIPTS_LEFT_OUT: [Script; 6] = [
    Script::Hangul,
    Script::Cuneiform,
    Script::Egyptian_Hieroglyphs,
    Script::Meroitic_Hieroglyphs,
    Script::Linear_A,
    Script::Linear_B,
];

/// What a character is read for, and whether among Latin letters only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reading {
    letters: String,
    latin_only: bool,
}

struct Sources<'a> {
    foldings: &'a Foldings,
    prototypes: BTreeMap<char, String>,
    own: BTreeMap<char, Reading>,
    shapes: BTreeMap<char, String>,
}

fn pairs(list: &str) -> impl Iterator<Item = (char, String)> {
    let mut words = list.split_whitespace();
    std::iter::from_fn(move || Some((words.next()?.chars().next()?, words.next()?.to_owned())))
}

impl Sources<'_> {
    fn new(foldings: &Foldings) -> Sources<'_> {
        let (prototypes, shapes) = (pairs(PROTOTYPES).collect(), pairs(SHAPES).collect());
        let mut sources = Sources { foldings, prototypes, own: BTreeMap::new(), shapes };
        for (list, latin_only) in [(OWN, false), (OWN_AMONG_LATIN, true), (SIGNS, false)] {
            pairs(list).for_each(|(character, letters)| sources.add(character, letters, latin_only));
        }
        for (first, letters) in RANGES {
            for (character, letter) in (first..).zip(letters) {
                sources.add(character, letter.to_string(), false);
            }
        }
        sources
    }

    /// Adds to our own readings. Capital letters stand for what they are folded to.
    fn add(&mut self, character: char, letters: String, latin_only: bool) {
        let folded = self.foldings.fold(&character.to_string());
        assert_eq!(folded.chars().count(), 1, "{character} is not one character when folded");
        let before = self.own.insert(folded.chars().next().unwrap(), Reading { letters, latin_only });
        assert!(before.is_none(), "{character} is listed twice");
    }

    /// The letters of a text from elsewhere, if it is nothing else when folded.
    fn letters(&self, text: &str) -> Option<String> {
        if text.chars().any(|character| !character.is_ascii() && self.foldings.stays(character)) {
            return None;
        }
        // UTS #39 compares the shapes of m and of zero by these.
        let letters = self.foldings.fold(text).replace("rn", "m").replace('0', "o");
        let plain = letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        (plain && (1..=2).contains(&letters.len())).then_some(letters)
    }

    fn prototype(&self, character: char) -> Option<String> {
        let lower = unicode_security::skeleton(&character.to_string()).collect::<String>().to_lowercase();
        let replaced = |part: char| self.prototypes.get(&part).cloned().unwrap_or(part.to_string());
        self.letters(&lower.chars().map(replaced).collect::<String>())
    }

    /// Of more than one letter decancer says little but guesses at syllables.
    fn guess(&self, character: char) -> Option<String> {
        let left_out = SCRIPTS_LEFT_OUT.contains(&character.script());
        let guess = self.letters(&decancer::cure_char!(character).to_string())?;
        (!left_out && guess.len() == 1).then_some(guess)
    }

    fn reading(&self, character: char) -> Option<Reading> {
        if character.is_ascii() || !self.foldings.stays(character) {
            return None;
        }
        if let Some(reading) = self.own.get(&character) {
            return Some(reading.clone());
        }
        let is_single = self.foldings.is_single(character);
        let is_letter = is_single || self.foldings.is_word(character);
        if !is_letter || character.script() == Script::Hangul {
            return None;
        }
        if let Some(letters) = self.prototype(character) {
            return Some(Reading { letters, latin_only: is_single || is_itself(character) });
        }
        let latin_only = character.script() != Script::Latin;
        self.guess(character).map(|letters| Reading { letters, latin_only })
    }

    /// What a character is read for by way of its folding, if that is one character.
    fn read_when_folded(&self, character: char) -> Option<String> {
        let folded = only(self.foldings.fold(&character.to_string()).chars())?;
        match self.reading(folded) {
            Some(reading) => Some(reading.letters),
            None => Some(folded.to_string()),
        }
    }

    /// A character without its font and accents, in its case.
    fn bare(&self, character: char) -> Option<char> {
        only(character.nfkd().filter(|part| !self.foldings.fold(&part.to_string()).is_empty()))
    }

    /// Whether a character is a letter whose shape folding may lose. What our own readings say of a letter, they say
    /// of its capital too.
    fn may_lose_shape(&self, character: char) -> bool {
        if self.foldings.stays(character) || !self.foldings.is_word(character) {
            return false;
        }
        let folded = only(self.foldings.fold(&character.to_string()).chars());
        let is_own = folded.is_some_and(|folded| self.own.contains_key(&folded));
        character.script() != Script::Hangul && !is_itself(character) && !is_own
    }

    /// The letter whose shape a character has, if it is not read for that letter anyway.
    fn shape(&self, character: char) -> Option<char> {
        if !self.may_lose_shape(character) {
            return None;
        }
        let read = self.read_when_folded(character);
        let is_news = |shape: &String| !read.as_ref().is_some_and(|read| alike(read, shape));
        let forms = [Some(character), self.bare(character)].into_iter().flatten();
        let listed = forms.clone().find_map(|form| self.shapes.get(&form).cloned());
        let shape = match listed {
            Some(shape) => Some(shape).filter(|shape| shape != "-" && is_news(shape)),
            None => forms.filter_map(|form| self.prototype(form)).find(is_news),
        };
        only(shape?.chars())
    }
}

/// The only one of some characters.
fn only(mut characters: impl Iterator<Item = char>) -> Option<char> {
    characters.next().filter(|_| characters.next().is_none())
}

/// Whether two readings are the same but for i, l and 1, and o and 0, which no reader tells apart.
fn alike(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.replace(['l', '1'], "i").replace('0', "o");
    plain(one) == plain(other)
}

/// Digits, which mean a number among their like, and letters read from right to left.
fn is_itself(character: char) -> bool {
    use GeneralCategory::{DecimalNumber, OtherNumber};
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    let direction = CodePointMapData::<BidiClass>::new().get(character);
    matches!(category, DecimalNumber | OtherNumber)
        || matches!(direction, BidiClass::RightToLeft | BidiClass::ArabicLetter)
}

/// A reading as `src/text/lookalike.rs` unpacks it.
fn packed(reading: &Reading) -> u32 {
    let letters = reading.letters.bytes().rev().fold(0, |packed, letter| packed << 8 | u32::from(letter));
    letters | u32::from(reading.latin_only) << 24
}

/// The table's source text, without its head.
pub(crate) fn source(foldings: &Foldings) -> String {
    let sources = Sources::new(foldings);
    let mut numbers: BTreeMap<Reading, u32> = BTreeMap::new();
    let mut readings = vec![0];
    let pages = Pages::of(|character| {
        let Some(reading) = sources.reading(character) else { return 0 };
        *numbers.entry(reading).or_insert_with_key(|reading| {
            readings.push(packed(reading));
            u32::try_from(readings.len() - 1).unwrap()
        })
    });
    let mut body = String::new();
    write_numbers(&mut body, "Page of each 128 code points.", "PAGES", "u8", &pages.index);
    write_numbers(&mut body, "Which reading each character has.", "DATA", "u8", &pages.data);
    let about =
        "Readings: up to three letters, the first in the lowest byte; bit 24: among Latin letters only.";
    write_numbers(&mut body, about, "READINGS", "u32", &readings);
    let shape = |character| Some(u32::from(character) << 8 | u32::from(sources.shape(character)?));
    let shapes: Vec<u32> = ('\u{80}'..=char::MAX).filter_map(shape).collect();
    let about =
        "Shapes that folding loses: the letter in the lowest byte, the character above, in their order.";
    write_numbers(&mut body, about, "SHAPES", "u32", &shapes);
    body
}
