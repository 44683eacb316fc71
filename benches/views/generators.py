"""The classes of evasion and for each the generators that write it.

At least two generators of a class are of different makes, and at least one is held out: whoever works on the views looks
at nothing that it writes.
"""

import dataclasses
import random
import unicodedata

import alphabets
from ways import (
    NEIGHBOURS,
    TEXTFX_LEET,
    Write,
    between,
    by_ear,
    by_word,
    camel_case,
    capital_ends,
    casefold,
    compose,
    cut_words,
    doubled_letter,
    emoji_between,
    each_letter,
    errors,
    groups,
    in_alphabet,
    in_messages,
    in_words,
    instead,
    letters_at,
    merge_some,
    merged,
    mixed_fonts,
    odd_spaces,
    random_case,
    random_edit,
    regular_symbol,
    reversed_text,
    slashes,
    some_errors,
    some_words_spaced,
    spaced,
    sparse_symbols,
    stands_alone,
    stretch,
    textfx_one,
    upside_down_capitals,
    without_vowels,
    word_a_message,
    zalgo,
)

DEV, HELD = "dev", "held"


@dataclasses.dataclass(frozen=True)
class Generator:
    """A way to write a phrase; `write` returns a text, or the parts of a phrase that is split over messages."""

    kind: str
    name: str
    set: str
    write: Write


vowels_out = stretch(letters_at(lambda text, place: text[place] in "aeiou"), 3, 6)
double_runs = stretch(letters_at(stands_alone, 3, 6), 2, 2)
word_ends = stretch(letters_at(lambda text, place: text[place + 1 : place + 2] in ("", " ")), 3, 5)
one_long = stretch(letters_at(lambda *_: True, 1, 1), 3, 8)
precomposed = compose(instead(alphabets.ACCENTED, 0.3, 0.9), lambda text, _: unicodedata.normalize("NFC", text))
invisibles = between(alphabets.INVISIBLE, 0.4)
qwerty_words = in_words(instead(NEIGHBOURS, 0.0), 2, 3)
cyrillic = instead(alphabets.UTS39_CYRILLIC, 0.2, 1.0)
utf_mix = instead(alphabets.UTS39_OTHER, 0.3, 1.0)
leet = instead(alphabets.LEET, 0.3, 0.7)
symbols = instead(alphabets.LEET_SYMBOLS, 0.3, 0.8)
punctuated = between(".-_*", 0.6)
maths = textfx_one(
    *("bold", "italic", "bold-italic", "script", "bold-script", "fraktur", "double-struck", "monospace", "sans", "sans-bold")
)
enclosed = textfx_one("circled", "parenthesized", "squared", "negative-squared")
strike = textfx_one("strikethrough", "underline", "double-underline")


def table() -> list[Generator]:
    """All generators, in the order in which they are reported."""
    rows: dict[str, list[tuple[str, str, Write]]] = {
        "case": [
            ("textfx: spongebob", DEV, textfx_one("spongebob")),
            ("capitals by chance", DEV, random_case),
            ("casefold-fuzz: case", HELD, casefold("casefold")),
            ("capital word ends", HELD, by_word(capital_ends)),
        ],
        "fonts": [
            ("textfx: mathematical", DEV, maths),
            ("textfx: enclosed", DEV, enclosed),
            ("textfx: small capitals", DEV, textfx_one("small-caps")),
            ("regional, zero width between", DEV, in_alphabet(alphabets.REGIONAL, "\u200b")),
            ("textfx: full width", HELD, textfx_one("fullwidth")),
            ("negative circled", HELD, in_alphabet(alphabets.NEGATIVE_CIRCLED)),
            ("superscript", HELD, in_alphabet(alphabets.SUPERSCRIPT)),
            ("a font a letter", HELD, mixed_fonts),
            ("regional, spaced", HELD, in_alphabet(alphabets.REGIONAL, " ", "  ")),
        ],
        "invisible": [
            ("casefold-fuzz: invisible", DEV, casefold("invisible")),
            ("zero width by chance", DEV, invisibles),
            ("bidi controls", HELD, between(alphabets.BIDI, 0.4)),
            ("tags", HELD, between(alphabets.TAGS, 0.4)),
            ("odd ignorables", HELD, between(alphabets.ODD_IGNORABLE, 0.4)),
        ],
        "marks": [
            ("textfx: zalgo", DEV, textfx_one("zalgo", "zalgo-mild")),
            ("textfx: strike, underline", DEV, strike),
            ("zalgo-text", HELD, zalgo),
            ("accents, composed", HELD, precomposed),
            ("enclosing marks", HELD, each_letter(lambda c: c + "\u20dd")),
            ("slashes and ties", HELD, slashes),
        ],
        "stretched": [
            ("one letter", DEV, one_long),
            ("word ends", DEV, word_ends),
            ("vowels", HELD, vowels_out),
            ("several letters doubled", HELD, double_runs),
        ],
        "spaced": [
            ("casefold-fuzz: spaces", DEV, casefold("spacing", lambda each: "space" in each.note.lower())),
            ("textfx: vaporwave", DEV, textfx_one("vaporwave")),
            ("letters, words wider apart", DEV, spaced(" ", "   ")),
            ("a letter a line", HELD, spaced("\n", "\n")),
            ("odd white space", HELD, odd_spaces),
            ("some words", HELD, some_words_spaced),
        ],
        "split words": [
            ("typo: random_space", DEV, errors("random_space", "random_space")),
            ("words cut in two", DEV, cut_words([" "])),
            ("groups of two letters", HELD, groups(2)),
            ("groups of three letters", HELD, groups(3)),
            ("words cut by odd spaces", HELD, cut_words(["  ", "\n", "\u2003"])),
        ],
        "merged words": [
            ("all words", DEV, merged),
            ("typo: skipped_space", DEV, errors("skipped_space")),
            ("CamelCase", HELD, camel_case),
            ("some words", HELD, merge_some),
            ("hashtag", HELD, compose(merged, lambda text, _: "#" + text)),
        ],
        "punctuation": [
            ("casefold-fuzz: punctuation", DEV, casefold("spacing", lambda each: "space" not in each.note.lower())),
            ("punctuation by chance", DEV, punctuated),
            ("between words", DEV, lambda text, chance: text.replace(" ", chance.choice("._-/*"))),
            ("one symbol throughout", HELD, regular_symbol),
            ("two symbols", HELD, sparse_symbols),
            ("emoji between letters", HELD, emoji_between),
        ],
        "single leet": [
            ("casefold-fuzz: leet", DEV, casefold("leet")),
            ("leet by chance", DEV, leet),
            ("textfx: leet of one character", HELD, instead(TEXTFX_LEET, 0.3, 0.8)),
            ("symbols", HELD, symbols),
            ("all letters", HELD, instead(alphabets.LEET, 1.0)),
        ],
        "homoglyphs": [
            ("casefold-fuzz: homoglyphs", DEV, casefold("homoglyph")),
            ("Cyrillic, by eye", DEV, instead(alphabets.FAUX_CYRILLIC, 0.3, 1.0)),
            ("Greek, by eye", HELD, instead(alphabets.FAUX_GREEK, 0.3, 1.0)),
            ("Latin, by eye", HELD, instead(alphabets.FAUX_LATIN, 0.3, 1.0)),
        ],
        "homoglyphs, UTS #39": [
            ("Cyrillic", DEV, cyrillic),
            ("one letter, Cyrillic", DEV, instead(alphabets.UTS39_CYRILLIC, 0.0)),
            ("Greek, Armenian, Coptic", HELD, utf_mix),
            ("capitals of six scripts", HELD, instead(alphabets.UTS39_CAPITALS, 0.3, 1.0)),
        ],
        "one typo": [
            ("typo: one error", DEV, some_errors(1, 1)),
            ("a letter doubled", DEV, doubled_letter),
            ("one edit anywhere", HELD, random_edit),
            ("by ear", HELD, by_ear),
        ],
        "many typos": [
            ("typo: two or three errors", DEV, some_errors(2, 3)),
            ("a neighbouring key a word", DEV, qwerty_words),
            ("an edit a word", HELD, in_words(random_edit, 2, 3)),
            ("two or three vowels gone", HELD, without_vowels),
        ],
        "reversed": [
            ("textfx: reverse", DEV, textfx_one("reverse")),
            ("reversed, capitals by chance", DEV, compose(reversed_text, random_case)),
            ("each word reversed", HELD, by_word(reversed_text)),
            ("right-to-left override", HELD, lambda text, _: "\u202e" + text[::-1] + "\u202c"),
        ],
        "flipped": [
            ("textfx: upside-down", DEV, textfx_one("upside-down")),
            ("turned and reversed", HELD, compose(in_alphabet(alphabets.TURNED), reversed_text)),
            ("turned in order", HELD, in_alphabet(alphabets.TURNED)),
            ("textfx: upside-down capitals", HELD, upside_down_capitals),
        ],
        "two combined": [
            ("stretched + case", DEV, compose(one_long, random_case)),
            ("fonts + invisible", DEV, compose(maths, between(alphabets.INVISIBLE, 0.4))),
            ("leet + stretched", DEV, compose(leet, word_ends)),
            ("Cyrillic + zero width", DEV, compose(cyrillic, between("\u200b", 0.5))),
            ("merged + leet", DEV, compose(merged, leet)),
            ("typo + case", DEV, compose(some_errors(1, 1), random_case)),
            ("spaced + strike", DEV, compose(spaced(" ", "   "), strike)),
            ("leet + punctuation", HELD, compose(leet, sparse_symbols)),
            ("homoglyphs + punctuation", HELD, compose(utf_mix, punctuated)),
            ("fonts + spaced", HELD, compose(spaced(" ", "  "), enclosed)),
            ("split + small capitals", HELD, compose(cut_words([" "]), textfx_one("small-caps"))),
            ("merged + homoglyphs", HELD, compose(merged, cyrillic)),
            ("reversed + full width", HELD, compose(reversed_text, textfx_one("fullwidth"))),
            ("symbols + marks", HELD, compose(symbols, each_letter(lambda c: c + "\u0338"))),
            ("typo + leet", HELD, compose(random_edit, leet)),
        ],
        "multi-character leet": [
            ("textfx: leet", DEV, textfx_one("leet")),
            ("some letters", DEV, instead(alphabets.MULTI, 0.3, 0.6)),
            ("all letters", HELD, instead(alphabets.MULTI, 1.0)),
            ("consonants", HELD, instead({c: alphabets.MULTI[c] for c in "bdhkmnpruvw"}, 0.5, 1.0)),
        ],
        "split over messages": [
            ("two messages", DEV, in_messages(2)),
            ("a word a message", DEV, word_a_message),
            ("three messages", HELD, in_messages(3)),
            ("cut within words", HELD, in_messages(2, inside_words=True)),
        ],
    }
    return [Generator(kind, name, part, write) for kind, ways in rows.items() for name, part, write in ways]
