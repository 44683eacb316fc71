//! The broker's secure listener: a certificate made by the JDK's keytool, and users who log in by SCRAM.

use super::super::process;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Of the throw-away key store, which never leaves the test's directory.
const STORE_PASSWORD: &str = "test-store";

/// A user of the secure broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Login {
    /// The user's name.
    pub(crate) user: &'static str,
    /// The user's password.
    pub(crate) password: &'static str,
}

impl Login {
    /// May do everything.
    pub(crate) fn admin() -> Self {
        Self { user: "admin", password: "admin-test" }
    }

    /// May do what access control lists allow.
    pub(crate) fn worker() -> Self {
        Self { user: "worker", password: "worker-test" }
    }

    pub(super) fn all() -> [Self; 2] {
        [Self::admin(), Self::worker()]
    }

    /// As the format tool wants it.
    pub(super) fn scram(&self) -> String {
        format!("SCRAM-SHA-512=[name={},password={}]", self.user, self.password)
    }
}

/// The certificate that clients trust, in `directory` of the broker.
pub(crate) fn authority(directory: &Path) -> PathBuf {
    directory.join("broker.pem")
}

/// Makes the key and gives the settings of the listener.
pub(super) fn prepare(directory: &Path) -> String {
    let store = directory.join("broker.p12");
    let access = ["-storepass", STORE_PASSWORD, "-alias", "broker"];
    let subject = ["-dname", "CN=localhost", "-ext", "SAN=DNS:localhost,IP:127.0.0.1"];
    let key = ["-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30"];
    let mut make = Command::new("keytool");
    make.args(key).args(subject).args(access).args(["-storetype", "PKCS12"]).arg("-keystore").arg(&store);
    process::run("keytool", &mut make);
    let mut export = Command::new("keytool");
    export.args(["-exportcert", "-rfc"]).args(access).arg("-keystore").arg(&store);
    process::run("keytool", export.arg("-file").arg(authority(directory)));
    format!(
        "sasl.enabled.mechanisms=SCRAM-SHA-512\n\
         listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
         org.apache.kafka.common.security.scram.ScramLoginModule required;\n\
         ssl.keystore.type=PKCS12\nssl.keystore.location={}\nssl.keystore.password={STORE_PASSWORD}\n\
         authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
         super.users=User:ANONYMOUS;User:admin\n",
        store.display()
    )
}
