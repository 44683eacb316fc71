//! The figures as one table for spreadsheets (RFC 4180): a line a figure, so that any of them can be sorted, filtered and compared
//! with those of another day.

use super::Share;
use super::report::{Delay, Group, Report, Threshold};
use super::words::{self, exact};
use std::fmt::Write as _;

/// The head, and all figures.
pub fn text(report: &Report) -> String {
    let mut table = Table("about,name,figure,value,count,of,low,high\r\n".to_owned());
    for group in &report.groups {
        table.group(group);
    }
    for point in &report.within {
        table.share("within", &words::within(point), "recall", point.caught);
    }
    for row in &report.thresholds {
        table.threshold(row);
    }
    for row in &report.levels {
        table.share("level", row.level, "precision", row.precision);
        table.number("level", row.level, "per_million", row.per_million);
        table.number("level", row.level, "per_day", row.per_day);
    }
    for row in &report.rules {
        table.share("rule", &row.name, "precision", row.right);
        table.count("rule", &row.name, "found", row.found);
        table.number("rule", &row.name, "per_million", row.per_million);
        table.count("rule", &row.name, "risky_cases", row.risky_cases);
        table.count("rule", &row.name, "benign_cases", row.benign_cases);
        table.count("rule", &row.name, "alone", row.alone);
        table.count("rule", &row.name, "resembling", row.resembling);
    }
    for row in &report.indicators {
        table.share("indicator", &row.indicator, "recall", row.recall);
        table.share("indicator", &row.indicator, "recall_by_any", row.recall_by_any);
        table.share("indicator", &row.indicator, "resembling", row.resembling);
    }
    table.0
}

struct Table(String);

impl Table {
    fn group(&mut self, group: &Group) {
        let about = words::by(group.by);
        let name = &group.name;
        self.share(about, name, "recall", group.recall);
        self.share(about, name, "early", group.early);
        self.share(about, name, "wrong", group.wrong);
        self.share(about, name, "precision", group.precision);
        self.delay(about, name, &group.delay);
        self.number(about, name, "per_million", group.per_million);
    }

    fn threshold(&mut self, row: &Threshold) {
        let about = "or_graver";
        self.share(about, row.level, "recall", row.recall);
        self.share(about, row.level, "early", row.early);
        self.share(about, row.level, "wrong", row.wrong);
        self.share(about, row.level, "precision", row.precision);
        self.delay(about, row.level, &row.delay);
        self.number(about, row.level, "per_million", row.per_million);
        self.number(about, row.level, "per_day", row.per_day);
    }

    fn delay(&mut self, about: &str, name: &str, delay: &Delay) {
        let seconds = |ms: Option<i64>| ms.map(|ms| exact(ms) / 1000.0);
        self.number(about, name, "median_delay_s", seconds(delay.median_ms));
        self.number(about, name, "p90_delay_s", seconds(delay.p90_ms));
        self.number(about, name, "median_delay_events", delay.median_events.map(exact));
    }

    fn share(&mut self, about: &str, name: &str, figure: &str, share: Share) {
        let (value, interval) = (share.value(), share.interval());
        let (low, high) = (interval.map(|(low, _)| low), interval.map(|(_, high)| high));
        let Share { count, of } = share;
        self.head(about, name, figure);
        let cells = [cell(value), count.to_string(), of.to_string(), cell(low), cell(high)];
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }

    fn number(&mut self, about: &str, name: &str, figure: &str, number: Option<f64>) {
        self.head(about, name, figure);
        self.0.push_str(&cell(number));
        self.0.push_str(",,,,\r\n");
    }

    fn count(&mut self, about: &str, name: &str, figure: &str, count: u64) {
        self.head(about, name, figure);
        // Writing to a String cannot fail.
        write!(self.0, "{count},,,,\r\n").unwrap_or_default();
    }

    fn head(&mut self, about: &str, name: &str, figure: &str) {
        self.0.push_str(&[about, ",", &quoted(name), ",", figure, ","].concat());
    }
}

fn cell(number: Option<f64>) -> String {
    number.map(|number| format!("{number:.6}")).unwrap_or_default()
}

/// A cell that may hold what separates cells; a spreadsheet takes none for a formula.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { ["'", text].concat() } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_hold_what_separates_them_and_are_no_formulas() {
        let cases = [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("=1+1", "'=1+1"),
            ("@a,b", "\"'@a,b\""),
        ];
        for (text, expected) in cases {
            assert_eq!(quoted(text), expected);
        }
    }
}
