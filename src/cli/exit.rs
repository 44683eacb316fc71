//! Exit codes: documented constants that scripts may rely on.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;

/// Nothing to report.
pub const CLEAN: u8 = 0;
/// Findings or failures that the command was asked to report by its exit code.
pub const FINDINGS: u8 = 1;
/// The input or the rules cannot be used.
pub const BAD_INPUT: u8 = 2;
/// The configuration or the arguments cannot be used.
pub const BAD_CONFIGURATION: u8 = 3;
/// Something failed while running.
pub const RUNTIME_FAILURE: u8 = 4;

/// What the help of commands says of the codes.
pub(super) const CODES: &str = "\
Exit codes:
  0  nothing to report
  1  what was asked for by exit code: failed tests, warnings with --strict, what a policy calls an error,
     flags with --fail-on
  2  rules, lists or files of events that cannot be used
  3  arguments or a configuration that cannot be used
  4  failed while running: output that cannot be written";

/// Shows clap's message; help and version are no failures.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let code = if error.use_stderr() { BAD_CONFIGURATION } else { CLEAN };
    // A closed pipe is the only thing that can go wrong here, and then nobody is left to tell.
    drop(error.print());
    ExitCode::from(code)
}

/// Ends with `code` after `what` was written, or not: a closed pipe is no failure, for nobody wants the rest.
pub(super) fn written(result: io::Result<()>, what: &str, code: u8) -> ExitCode {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            failed(RUNTIME_FAILURE, format_args!("writing {what}: {error}"))
        }
        _ => ExitCode::from(code),
    }
}

/// A failure that says at which file.
pub(super) fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Says on standard error what went wrong and ends with `code`.
pub(super) fn failed(code: u8, message: impl Display) -> ExitCode {
    anstream::eprintln!("error: {message}");
    ExitCode::from(code)
}
