//! No core dumps: the memory of the service holds messages, and lists that are nobody else's.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core dumps to this process. Where the system refuses, the log says so.
pub(super) fn forbid() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps cannot be turned off: one would hold messages and lists");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getrlimit;

    #[test]
    fn a_process_that_forbids_them_may_write_none() {
        forbid();
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
    }
}
