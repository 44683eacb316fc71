//! What modifiers say of the values that stand beside them, for whoever describes rules without reading one.

use super::modifier::{MODIFIERS, Mode, Modifier};

/// What the values of a key have to be, as far as its modifiers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Values {
    /// Texts, or one; an empty one is found everywhere.
    Pieces,
    /// Texts that are not empty, or one.
    Texts,
    /// Networks of addresses.
    Networks,
    /// Whole numbers.
    Numbers,
    /// Names of lists between percent signs.
    Lists,
    /// One value.
    One,
    /// `true` or `false`.
    Bool,
    /// The modifier says nothing of them.
    Any,
}

/// The modifiers that can be used, with what each says of the values.
pub(in super::super) fn modifiers() -> impl Iterator<Item = (&'static str, Values)> {
    MODIFIERS.iter().map(|(name, modifier)| {
        let values = match modifier {
            Modifier::Mode(Mode::Exists) => Values::Bool,
            Modifier::Mode(Mode::Compare(_)) => Values::One,
            Modifier::Mode(Mode::Contains | Mode::StartsWith | Mode::EndsWith) => Values::Pieces,
            Modifier::Mode(Mode::Network) => Values::Networks,
            Modifier::Part(_) => Values::Numbers,
            Modifier::Mode(_) | Modifier::Fuzzy(_) | Modifier::FieldRef => Values::Texts,
            Modifier::Expand => Values::Lists,
            _ => Values::Any,
        };
        (*name, values)
    })
}
