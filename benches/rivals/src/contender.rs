//! Who takes part: whatever finds rules in messages.

/// A message and a rule that was found in it, by their numbers.
pub(crate) type Hit = (u32, u32);

/// Searches the messages of its corpus.
pub(crate) trait Contender {
    /// What it is called in the table.
    fn name(&self) -> String;

    /// Searches the first `messages` messages and appends what it finds.
    fn run(&mut self, messages: usize, hits: &mut Vec<Hit>);

    /// How many messages a turn may take at most: fewer where it is slow.
    fn most(&self) -> usize {
        usize::MAX
    }
}

/// The number of a message or a rule.
pub(crate) fn number(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32")
}

/// What compiling took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compiled {
    /// CPU time in milliseconds.
    pub(crate) milliseconds: f64,
    /// Bytes that the compiled form holds, working memory for one thread included where it is told.
    pub(crate) bytes: usize,
    /// Most bytes that were held on the way; unknown of a C library.
    pub(crate) peak: Option<usize>,
}
