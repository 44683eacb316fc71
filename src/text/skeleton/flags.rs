//! Flags are made of letters: which runs of regional indicators are flags, and which are letters.

pub(super) fn is_regional(character: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&character)
}

/// The capital letter that a regional indicator stands for.
fn regional(character: char) -> Option<u8> {
    if !is_regional(character) {
        return None;
    }
    u8::try_from(u32::from(character) - 0x1F1E6).ok().map(|index| b'A' + index)
}

/// The regions that have a flag (Unicode CLDR 48, emoji-flag sequences).
static REGIONS: &str = "\
AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG \
CH CI CK CL CM CN CO CP CQ CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF \
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR \
KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS \
ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

fn is_region(pair: [u8; 2]) -> bool {
    REGIONS.as_bytes().chunks(3).any(|region| region.starts_with(&pair))
}

/// The bytes of the run of regional indicators that `text` begins with, and whether they are letters: a run that makes
/// valid flags is flags.
pub(super) fn letters(text: &str) -> (usize, bool) {
    let (mut count, mut pending, mut flags) = (0, None, true);
    for letter in text.chars().map_while(regional) {
        count += 1;
        pending = match pending {
            None => Some(letter),
            Some(first) => {
                flags &= is_region([first, letter]);
                None
            }
        };
    }
    (count * '\u{1f1e6}'.len_utf8(), pending.is_some() || !flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_letters() {
        let cases =
            [("🇵🇭", false), ("🇵🇭🇵🇭🇯🇵", false), ("🇰🇪🇪🇵", true), ("🇦", true), ("🇵🇭🇵", true), ("🇽🇽", true)];
        for (text, expected) in cases {
            assert_eq!(letters(text), (text.len(), expected), "{text}");
        }
        assert_eq!(letters("🇰 🇪").0, 4);
    }
}
