//! The pseudonyms' key, read from its file.

use super::{Config, Problem, Problems};
use crate::event::Pseudonyms;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writing by the group, anything by others. Reading by the group is what a secret of Kubernetes has when a
/// process that is not root may read it.
const TOO_OPEN: u32 = 0o027;

impl Config {
    /// The pseudonyms that the configuration asks for, if it asks for any. Reads the key's file; a line end
    /// at its end is not part of the key.
    pub fn pseudonyms(&self) -> Result<Option<Pseudonyms>, Problems> {
        let asked = &self.events.pseudonyms;
        let (Some(file), Some(key_id)) = (&asked.key_file, &asked.key_id) else { return Ok(None) };
        if asked.fields.is_empty() {
            return Ok(None);
        }
        let pseudonyms = read_key(file).and_then(|key| {
            let made = Pseudonyms::new(key_id, trimmed(&key), &asked.fields);
            made.map_err(|error| error.to_string())
        });
        let told =
            |reason| Problem::general(format!("events.pseudonyms.key_file {}: {reason}", file.display()));
        pseudonyms.map(Some).map_err(|reason| Problems(vec![told(reason)]))
    }
}

fn read_key(file: &Path) -> Result<Vec<u8>, String> {
    let metadata = fs::metadata(file).map_err(|error| error.to_string())?;
    if metadata.permissions().mode() & TOO_OPEN != 0 {
        return Err("its group may write it, or others may use it; chmod 640 it, or stricter".to_owned());
    }
    fs::read(file).map_err(|error| error.to_string())
}

fn trimmed(key: &[u8]) -> &[u8] {
    let key = key.strip_suffix(b"\n").unwrap_or(key);
    key.strip_suffix(b"\r").unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use crate::config::resolve;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// What becomes of a key of those bytes in a file of that mode.
    fn outcome(key: &str, mode: u32) -> Result<Option<String>, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        fs::write(&path, key).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let file = format!(
            "[events.pseudonyms]\nfields = [\"sender.id\"]\nkey_id = \"k1\"\nkey_file = {:?}\n",
            path.display().to_string()
        );
        let config = resolve(Some(("w.toml", &file)), std::iter::empty()).unwrap();
        let pseudonyms = config.pseudonyms().map_err(|problems| problems.to_string())?;
        Ok(pseudonyms.map(|own| String::from_utf8_lossy(&own.of("u1")).into_owned()))
    }

    #[test]
    fn a_line_end_is_no_part_of_the_key() {
        let bare = outcome("0123456789abcdef", 0o600);
        assert!(matches!(bare, Ok(Some(_))), "{bare:?}");
        assert_eq!(outcome("0123456789abcdef\r\n", 0o600), bare);
        assert_eq!(outcome("0123456789abcdef", 0o440), bare, "a secret that Kubernetes mounts");
    }

    #[test]
    fn a_key_that_is_short_or_open_to_others_is_refused() {
        let key = "0123456789abcdef";
        let open = [(key, 0o644, "chmod 640"), (key, 0o660, "chmod 640"), (key, 0o601, "chmod 640")];
        for (key, mode, reason) in [("short", 0o600, "16")].into_iter().chain(open) {
            let refusal = outcome(key, mode).unwrap_err();
            assert!(refusal.contains(reason) && refusal.contains("key_file"), "{refusal}");
            assert!(!refusal.contains(key), "{refusal}");
        }
    }
}
