//! What is wrong and how it is right, for each code: kept as a page of Markdown, which people read as it stands.

use super::Code;

/// The page: a section for each code, by its number.
const PAGE: &str = include_str!("examples.md");

/// Two rules, or words where it takes more than a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// Rules, or the parts of rules that matter.
    Rules {
        /// What gives the diagnostic.
        wrong: &'static str,
        /// What does not.
        right: &'static str,
        /// They leave out nothing.
        whole: bool,
    },
    /// In words.
    Words(&'static str),
}

impl Code {
    /// An example of what is wrong, and how it is right.
    pub fn example(self) -> Option<Example> {
        let head = format!("\n## {}\n", self.number());
        let (_, section) = PAGE.split_once(&head)?;
        let section = section.split("\n## ").next()?.trim();
        if !section.starts_with("```") {
            return Some(Example::Words(section));
        }
        let block = |kind: &str| section.split_once(kind)?.1.split_once('\n')?.1.split("```").next();
        let (wrong, right) = (block("```yaml wrong")?, block("```yaml right")?);
        Some(Example::Rules { wrong, right, whole: section.starts_with("```yaml wrong whole") })
    }
}
