//! The `wardline` command: parse, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    wardline::cli::main()
}
