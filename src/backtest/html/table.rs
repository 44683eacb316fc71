//! Sections and tables of the page.

use super::super::Share;
use super::super::report::Delay;
use super::super::words;
use super::markup::{Html, element, named, with};
use super::plots::{self, Tone};

/// A section under a heading, with what is to be known of it; nothing without content.
pub(super) fn section(title: &str, about: &'static str, content: Html) -> Html {
    if content.is_empty() {
        return content;
    }
    let heading = element("h2", Html::text(title));
    element("section", heading.then(with("p", "class=\"about\"", Html::raw(about))).then(content))
}

/// The head of a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    /// Of texts and bars.
    Left(&'static str),
    /// Of numbers.
    Right(&'static str),
}

impl Column {
    fn head(self) -> Html {
        match self {
            Column::Left(name) => with("th", "scope=\"col\"", Html::raw(name)),
            Column::Right(name) => with("th", "scope=\"col\" class=\"number\"", Html::raw(name)),
        }
    }
}

/// A table that is moved sideways by itself where it is too wide; nothing without rows.
pub(super) fn table(title: &'static str, head: &[Column], rows: impl Iterator<Item = Vec<Html>>) -> Html {
    let rows: Html = rows.map(|cells| element("tr", cells.into_iter().collect())).collect();
    if rows.is_empty() {
        return rows;
    }
    let head = head.iter().map(|column| column.head()).collect();
    let head = element("thead", element("tr", head));
    let table = element("table", head.then(element("tbody", rows)));
    named("div", "class=\"wide\" role=\"region\" tabindex=\"0\"", title, table)
}

/// A row a bar: name, bar and number; nothing without rows.
pub(super) fn bars(title: &'static str, rows: impl Iterator<Item = (String, Share)>, tone: Tone) -> Html {
    let row = |(name, share): (String, Share)| {
        let bar = with("td", "class=\"plotted\"", plots::share(share, tone));
        element("tr", self::name(&name).then(bar).then(with("td", "class=\"share\"", numbers(share))))
    };
    figure(title, Html::default(), rows.map(row).collect())
}

/// A table of drawings under its name, with a scale over them if there is one.
pub(super) fn figure(title: &'static str, scale: Html, rows: Html) -> Html {
    if rows.is_empty() {
        return rows;
    }
    let body = scale.then(element("tbody", rows));
    let table = with("table", "class=\"bars\"", element("caption", Html::raw(title)).then(body));
    with("div", "class=\"figure\"", table)
}

/// The head of a row.
pub(super) fn name(text: &str) -> Html {
    with("th", "scope=\"row\"", Html::foreign(text))
}

/// A cell of text.
pub(super) fn word(text: &str) -> Html {
    element("td", Html::foreign(text))
}

/// A cell with a number.
pub(super) fn number(text: &str) -> Html {
    with("td", "class=\"number\"", Html::text(text))
}

/// A cell with a share and its bar.
pub(super) fn share(share: Share, tone: Tone) -> Html {
    if share.of == 0 {
        return with("td", "class=\"detail\"", Html::raw("–"));
    }
    with("td", "class=\"share\"", plots::share(share, tone).then(numbers(share)))
}

/// A cell with a delay: the median, and the rest below it.
pub(super) fn delay(delay: &Delay) -> Html {
    let [Some(median), detail] = words::delay_parts(delay) else {
        return with("td", "class=\"detail\"", Html::raw("–"));
    };
    let detail = with("span", "class=\"detail\"", Html::text(&detail.unwrap_or_default()));
    with("td", "class=\"delay\"", Html::text(&median).then(Html::raw("<br>")).then(detail))
}

/// A share, and what it is made of.
pub(super) fn numbers(share: Share) -> Html {
    let made_of = share.made_of().unwrap_or_default();
    let value = element("b", Html::text(&share.percent()));
    value.then(Html::raw(" ")).then(with("span", "class=\"detail\"", Html::text(&made_of)))
}

/// How grave something is, with a mark of its own.
pub(super) fn level(level: &str) -> Html {
    let attributes = match level {
        "critical" => "class=\"level critical\"",
        "high" => "class=\"level high\"",
        "medium" => "class=\"level medium\"",
        _ => "class=\"level\"",
    };
    with("span", attributes, Html::text(level))
}
