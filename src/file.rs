//! Events in files: finding the files, undoing compression, and cutting them into blocks of whole lines.
//!
//! ```text
//!  path ─► find: files ─► open: gzip or zstd undone ─► blocks: whole lines, about 256 KiB ─► a worker each
//! ```
//!
//! Lines are not looked at one by one here: a block goes to a worker as it is, and decoding, which is the work,
//! happens there. Compression is told by a file's first bytes, not by its name, so that standard input
//! and renamed files are read as well.

mod blocks;
mod find;
mod open;
mod walk;

pub use blocks::{Block, Blocks};
pub use find::{Content, Input, find};
pub use open::open;
pub use walk::{FindError, Met, entries, tour, walk};

/// Longest line that is read as an event, in bytes. A longer one is reported and passed over without being kept.
pub const MAX_LINE_BYTES: usize = 16 << 20;

/// Bytes that a block has, or a little more.
pub const BLOCK_BYTES: usize = 256 << 10;
