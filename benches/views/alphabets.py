"""Letters that look like other letters, for the generators; each table is of one kind, as people pick from one.

`UTS39_*` hold only letters whose prototype in Unicode's UTS #39 is the Latin letter; `FAUX_*` hold those that people
read as the Latin letter although Unicode does not say so.
"""

import string

LOWER = string.ascii_lowercase


def run(first: int) -> dict[str, str]:
    """The alphabet that begins at a code point."""
    return {letter: chr(first + place) for place, letter in enumerate(LOWER)}


def table(text: str) -> dict[str, str]:
    """`aáà bß`: of each group, the first is the letter and the rest are what may stand for it."""
    return {group[0]: group[1:] for group in text.split()}


REGIONAL = run(0x1F1E6)
NEGATIVE_CIRCLED = run(0x1F150)
SUPERSCRIPT = dict(zip(LOWER, "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖ𐞥ʳˢᵗᵘᵛʷˣʸᶻ", strict=True))
TURNED = dict(zip(LOWER, "ɐqɔpǝɟƃɥıɾʞןɯuodbɹsʇnʌʍxʎz", strict=True))

UTS39_CYRILLIC = table("aа cс dԁ eе hһ iі jј lӏ oо pр qԛ sѕ vѵ wԝ xх yу")
UTS39_OTHER = table("aα cⲥ fք gց hհ iι jյ lǀ nո oοօⲟ pρⲣ qզ rᴦⲅ sꜱ uυս vν wա yγ zᴢ")
UTS39_CAPITALS = table(
    "aΑАᎪꓮ bΒВᏴꓐ cСᏟꓚ dᎠꓓ eΕЕᎬꓰ fϜꓝ gᏀꓖ hΗНᎻꓧ iΙІ jЈᎫꓙ kΚКᏦꓗ lᏞꓡ mΜМᎷꓟ "
    "nΝꓠ oΟОꓳ pΡРᏢꓑ rᎡꓣ sЅᏚꓢ tΤТᎢꓔ uꓴ vᏙꓦ wᎳꓪ xΧХꓫ yΥҮꓬ zΖᏃꓜ"
)
FAUX_CYRILLIC = table("bв eє hн iї kк mм nпи oѳ rя tт uц wщ xж yў zз")
FAUX_GREEK = table("bβ eεέ iίϊ kκ nηή oσό sς tτ uμύ wω xχ")
FAUX_LATIN = table("bƀɓ cƈ dđɗ eɛǝ gǥɠ hħ iɨ jɉ kƙⱪ lłƚ mɱ nŋɲ oøɵ pƥ rɍɾ sʂ tŧƭ uʉ vʋ wⱳ yɏƴ zƶȥ")
ACCENTED = table("aáàâãå cç eéèêë gğ iíìîï kķ lĺ nñń oóòôõ rŕ sšş tţ uúùûü wŵ yýÿ zžź")

LEET = table("a4@ e3 i1! o0 s5$ t7+ b8 g9 l1 z2")
LEET_SYMBOLS = table("a@ e3€ i!| o0 s$ t+ l|")
MULTI = {
    "a": ["/-\\", "4", "@"], "b": ["|3", "8"], "c": ["<", "("], "d": ["|)", "[)"], "e": ["3"], "f": ["|="],
    "g": ["6", "9"], "h": ["|-|", ")-(", "#"], "i": ["!", "1"], "j": ["_|"], "k": ["|<", "|{"], "l": ["|_", "1"],
    "m": ["/\\/\\", "|\\/|"], "n": ["|\\|", "/\\/"], "o": ["()", "0", "[]"], "p": ["|>", "|*"], "q": ["(,)"],
    "r": ["|2", "|?"], "s": ["5", "$"], "t": ["7", "+"], "u": ["|_|", "(_)"], "v": ["\\/"],
    "w": ["\\/\\/", "\\^/"], "x": ["><"], "y": ["`/", "'/"], "z": ["2"],
}  # fmt: skip

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
ODD_IGNORABLE = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180e\u2061\u2062\u2063\u2064\u206a\u206f\u3164\ufe00\ufe0f\uffa0\U000e0100"
)
TAGS = "".join(chr(0xE0020 + place) for place in range(0x5F))
