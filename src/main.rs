//! The `wardline` command: parse, dispatch, exit code.

use std::process::ExitCode;

/// A worker asks for memory in many sizes and gives it back soon: that was a fourth of what folding a hit took.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    wardline::cli::main()
}
