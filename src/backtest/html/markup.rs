//! Markup in which what comes from outside can be nothing but text.
//!
//! Ids, names and excerpts come from messages, whose writers may know that they are read here. So [`Html`] is made of literals of the
//! program ([`Html::raw`] and names of elements, which are `&'static str`), of numbers, and of text, which is escaped in one place
//! ([`Html::text`]). There is no other way to make one.

use crate::text::visible;
use std::fmt::Write as _;

/// A piece of the page.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup as it stands in the program.
    pub(super) fn raw(markup: &'static str) -> Html {
        Html(markup.to_owned())
    }

    /// Whatever it is, as text.
    pub(super) fn text(text: &str) -> Html {
        let mut out = String::with_capacity(text.len());
        for character in visible(text).chars() {
            match character {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                other => out.push(other),
            }
        }
        Html(out)
    }

    /// Text that somebody else wrote: in its own direction, which reaches no farther than its end.
    pub(super) fn foreign(text: &str) -> Html {
        element("bdi", Html::text(text))
    }

    /// This and then another.
    pub(super) fn then(self, other: Html) -> Html {
        [self, other].into_iter().collect()
    }

    /// This between the tag that opens an element and the one that closes it.
    fn within(mut self, open: &str, name: &str) -> Html {
        self.0.insert_str(0, open);
        self.0.push_str(&["</", name, ">", line_end(name)].concat());
        self
    }

    /// The markup.
    pub(super) fn finish(self) -> String {
        self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(parts: I) -> Html {
        Html(parts.into_iter().map(|part| part.0).collect())
    }
}

/// An element.
pub(super) fn element(name: &'static str, content: Html) -> Html {
    content.within(&["<", name, ">"].concat(), name)
}

/// An element with attributes, as they stand in the program.
pub(super) fn with(name: &'static str, attributes: &'static str, content: Html) -> Html {
    content.within(&["<", name, " ", attributes, ">"].concat(), name)
}

/// Lines of the page end behind what stands in a row of its own, so that two pages can be compared line by line.
fn line_end(name: &str) -> &'static str {
    if matches!(name, "tr" | "li" | "div" | "p" | "h1" | "h2" | "details" | "section" | "header") {
        "\n"
    } else {
        ""
    }
}

/// The same with a name that is read out instead of what is seen.
pub(super) fn named(name: &'static str, attributes: &'static str, label: &str, content: Html) -> Html {
    let label = Html::text(label).0;
    content.within(&["<", name, " ", attributes, " aria-label=\"", &label, "\">"].concat(), name)
}

/// A shape of a drawing.
pub(super) fn shape(name: &'static str, class: &'static str, numbers: &[(&'static str, f64)]) -> Html {
    drawn(name, class, numbers, Html::default())
}

/// A shape with content.
pub(super) fn drawn(
    name: &'static str,
    class: &'static str,
    numbers: &[(&'static str, f64)],
    content: Html,
) -> Html {
    let mut out = format!("<{name} class=\"{class}\"");
    for (attribute, number) in numbers {
        // Writing to a String cannot fail.
        write!(out, " {attribute}=\"{}\"", short(*number)).unwrap_or_default();
    }
    out.push('>');
    content.within(&out, name)
}

/// A text at a hundredth of the drawing's width, in whose size it has no part.
pub(super) fn written_at(percent: f64, text: &str) -> Html {
    let (x, text) = (short(percent), Html::text(text).0);
    Html(format!("<text class=\"mark\" x=\"{x}%\" y=\"11\">{text}</text>"))
}

/// A line through points, or an area within them.
pub(super) fn path(class: &'static str, points: &[(f64, f64)], closed: bool) -> Html {
    let mut out = format!("<path class=\"{class}\" d=\"");
    for (index, (x, y)) in points.iter().enumerate() {
        let step = if index == 0 { 'M' } else { 'L' };
        write!(out, "{step}{} {}", short(*x), short(*y)).unwrap_or_default();
    }
    out.push_str(if closed { "Z\"></path>" } else { "\"></path>" });
    Html(out)
}

/// Two decimal places, but no more than it needs.
fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_text() {
        let cases = [
            ("<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"),
            ("\" onclick=\"x", "&quot; onclick=&quot;x"),
            ("&lt;", "&amp;lt;"),
            ("a\u{202e}b\0c", "a‹U+202E›b‹U+0000›c"),
            ("]]>--><!--", "]]&gt;--&gt;&lt;!--"),
        ];
        for (text, expected) in cases {
            assert_eq!(Html::text(text).finish(), expected);
            let label = named("i", "class=\"a\"", text, Html::default()).finish();
            assert_eq!(label, format!("<i class=\"a\" aria-label=\"{expected}\"></i>"));
        }
    }

    #[test]
    fn numbers_are_short() {
        let cases = [(0.0, "0"), (12.5, "12.5"), (100.0, "100"), (33.333, "33.33"), (-0.001, "-0")];
        for (number, expected) in cases {
            assert_eq!(short(number), expected);
        }
    }
}
