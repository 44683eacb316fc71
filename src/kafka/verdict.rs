//! What an error of the client means for the open transaction: facts in, a decision out.
//!
//! The classes overlap. "not coordinator", "coordinator not available" and "timed out" come now retriable,
//! now abortable, by where in a transaction they strike; only the flags that the client attaches tell.
//! Hence the order: fatal before abortable before retriable, and what carries no flag at all is fatal,
//! because going on without knowing what was committed is how flags get lost.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

/// Which call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// Handing a message to the producer, or its delivery.
    Send,
    /// Anything before the commit: begin, offsets.
    Prepare,
    /// The commit itself.
    Commit,
    /// The abort.
    Abort,
}

/// What the client says about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub call: Call,
    pub code: Option<Code>,
    pub fatal: bool,
    pub abortable: bool,
    pub retriable: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// The same call again.
    Retry,
    /// Abort the transaction and read again from the last commit.
    Abort,
    /// End the process; its supervisor starts it anew.
    End,
}

impl Facts {
    pub(super) fn of(call: Call, error: &KafkaError) -> Self {
        let code = error.rdkafka_error_code();
        let (fatal, abortable, retriable) = match error {
            KafkaError::Transaction(e) => (e.is_fatal(), e.txn_requires_abort(), e.is_retriable()),
            _ => (code == Some(Code::Fatal), false, false),
        };
        Self { call, code, fatal, abortable, retriable }
    }
}

/// Decides on the flags, and on the code where there are none.
pub(super) fn decide(facts: Facts) -> Decision {
    if facts.fatal || facts.code.is_some_and(is_final) {
        return Decision::End;
    }
    match facts.call {
        // A message that cannot be handed over or delivered spoils only its transaction.
        Call::Send => Decision::Abort,
        // Nobody knows whether a commit that timed out took place.
        Call::Commit if facts.code == Some(Code::OperationTimedOut) && !facts.abortable => Decision::End,
        Call::Prepare | Call::Commit if facts.abortable => Decision::Abort,
        // An abort comes this far even if it is abortable: it has nothing else to fall back to.
        _ if facts.retriable => Decision::Retry,
        _ => Decision::End,
    }
}

/// Errors that no repetition repairs: another producer took over, or the cluster will not have the message.
fn is_final(code: Code) -> bool {
    is_fenced(code) || is_refused(code)
}

/// Another live process uses the same name.
pub(super) fn is_fenced(code: Code) -> bool {
    matches!(code, Code::Fenced | Code::ProducerFenced | Code::FencedInstanceId)
}

/// The cluster refuses the message or the access, now and next time. An unknown topic is not among these: a
/// broker that has just been started, or has not yet heard of a new topic, says so too.
pub(super) fn is_refused(code: Code) -> bool {
    matches!(
        code,
        Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::TransactionalIdAuthorizationFailed
            | Code::MessageSizeTooLarge
            | Code::InvalidTopic
    )
}

/// What is stored is damaged, or of a kind that this client cannot read: the same at every try.
pub(super) fn is_corrupt(code: Code) -> bool {
    matches!(code, Code::BadMessage | Code::BadCompression | Code::NotImplemented)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        use Call::{Abort, Commit, Prepare, Send};
        let (fatal, abortable, retriable, none) =
            ((true, false, false), (false, true, false), (false, false, true), (false, false, false));
        let both = (false, true, true);
        let all = (true, true, true);
        // what it shows, call, code, flags (fatal, abortable, retriable), decision
        let cases = [
            ("fenced", Commit, Code::Fenced, fatal, Decision::End),
            ("fenced, whatever else it claims", Commit, Code::Fenced, both, Decision::End),
            ("fatal before abortable", Commit, Code::InvalidTransactionalState, all, Decision::End),
            ("abortable before retriable", Prepare, Code::NotCoordinator, both, Decision::Abort),
            ("coordinator moved, retriable", Prepare, Code::NotCoordinator, retriable, Decision::Retry),
            ("coordinator moved, abortable", Prepare, Code::NotCoordinator, abortable, Decision::Abort),
            ("stale generation", Prepare, Code::IllegalGeneration, abortable, Decision::Abort),
            ("unknown member", Prepare, Code::UnknownMemberId, abortable, Decision::Abort),
            ("offsets timed out", Prepare, Code::OperationTimedOut, retriable, Decision::Retry),
            ("commit timed out", Commit, Code::OperationTimedOut, retriable, Decision::End),
            ("commit timed out, abortable", Commit, Code::OperationTimedOut, abortable, Decision::Abort),
            ("commit, retriable", Commit, Code::CoordinatorNotAvailable, retriable, Decision::Retry),
            ("commit in a wrong state", Commit, Code::State, none, Decision::End),
            ("abort, retriable", Abort, Code::OperationTimedOut, retriable, Decision::Retry),
            ("abort in a wrong state", Abort, Code::InvalidTransactionalState, none, Decision::End),
            ("abort, abortable", Abort, Code::OperationTimedOut, abortable, Decision::End),
            ("send in a wrong state", Send, Code::State, none, Decision::Abort),
            ("delivery timed out", Send, Code::MessageTimedOut, none, Decision::Abort),
            ("a topic that is not known yet", Send, Code::UnknownTopicOrPartition, none, Decision::Abort),
            ("delivery refused for good", Send, Code::TopicAuthorizationFailed, none, Decision::End),
            ("too large for the topic", Send, Code::MessageSizeTooLarge, none, Decision::End),
        ];
        for (name, call, code, (fatal, abortable, retriable), expected) in cases {
            let facts = Facts { call, code: Some(code), fatal, abortable, retriable };
            assert_eq!(decide(facts), expected, "{name}");
        }
    }
}
