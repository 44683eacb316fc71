//! What older Sigma wrote into a detection, and the correlation that replaces it: advice, never meaning.
//!
//! `timeframe: 5m` and `condition: a | count(field) by key > 3` are in many rules that people bring along. Whoever is
//! told that they are not read should not have to look up what is.

/// What replaces `timeframe: value`.
pub(super) fn timeframe(value: &str) -> String {
    let value = if value.len() <= 10 { value } else { "5m" };
    format!(
        "times between events are a correlation's, which is a document of its own: `correlation: {{type: event_count, \
         rules: [this_rule], group-by: [sender.id], timespan: {value}, condition: {{gte: 3}}}}`"
    )
}

/// What replaces an aggregation such as `| count(field) by key > 3`.
pub(super) fn aggregate(text: &str) -> String {
    let text = text.trim().trim_start_matches('|').trim();
    let Some(said) = Aggregate::read(text) else {
        return "events are counted, and brought together, by a correlation, which is a document of its own: \
                `event_count`, `value_count`, `value_sum`, `temporal` or `temporal_ordered`"
            .to_owned();
    };
    let Aggregate { kind, field, key, relation, number } = said;
    let field = if field.is_empty() { String::new() } else { format!("field: {field}, ") };
    format!(
        "counting is a correlation's, which is a document of its own: `correlation: {{type: {kind}, rules: [this_rule], \
         group-by: [{key}], timespan: 5m, condition: {{{field}{relation}: {number}}}}}`"
    )
}

struct Aggregate<'a> {
    kind: &'static str,
    field: &'a str,
    key: &'a str,
    relation: &'static str,
    number: &'a str,
}

impl<'a> Aggregate<'a> {
    fn read(text: &'a str) -> Option<Aggregate<'a>> {
        let (function, rest) = text.split_once('(')?;
        let (field, rest) = rest.split_once(')')?;
        let field = field.trim();
        let kind = match (function.trim(), field.is_empty()) {
            ("count", true) => "event_count",
            ("count", false) => "value_count",
            ("sum", false) => "value_sum",
            _ => return None,
        };
        let at = rest.find(['<', '>', '='])?;
        let (by, compared) = rest.split_at_checked(at)?;
        let key = by.trim().strip_prefix("by ").map_or("sender.id", str::trim);
        let number = compared.trim_start_matches(['<', '>', '=']).trim();
        let relation = match compared.strip_suffix(number)?.trim() {
            ">" => "gt",
            ">=" => "gte",
            _ => return None,
        };
        let whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        whole.then_some(Aggregate { kind, field, key, relation, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aggregation_is_rewritten_as_the_correlation_that_says_the_same() {
        let cases = [
            ("| count() by sender.id > 3", "type: event_count", "group-by: [sender.id]", "{gt: 3}"),
            ("|count(room.id) by a, b >= 10", "type: value_count", "[a, b]", "{field: room.id, gte: 10}"),
            ("| sum( n ) > 5 ", "type: value_sum", "[sender.id]", "{field: n, gt: 5}"),
        ];
        for (text, kind, key, condition) in cases {
            let advice = aggregate(text);
            for piece in [kind, key, condition] {
                assert!(advice.contains(piece), "{text}: {advice}");
            }
        }
        for text in ["| count() < 3", "| near a and b", "| avg(x) > 1", "| count() > ", "|", "| count("] {
            assert!(aggregate(text).contains("`value_sum`, `temporal`"), "{text}");
        }
    }
}
