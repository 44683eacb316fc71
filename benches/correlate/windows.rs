//! What a million keys' windows weigh, and how long the store takes to take them in: ten versions of each, as a log has them that was
//! not compacted yet.
//!
//! Another process restores them from a file, so that its memory is that of the windows alone.

use super::traffic::{program, rules};
use super::versions::{COPIES, PARTS, SENDERS, copy, versions};
use super::{resident_mib, timed};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::process::Command;
use std::{array, env};
use wardline::worker::Chunk;
use wardline::worker::correlate::Folder;
use wardline::worker::stage::Settings;

/// The argument that makes this program restore a file.
pub(crate) const RESTORE: &str = "restore";

/// MiB that may be resident of a million windows, and how long restoring may take.
const MOST: (f64, f64) = (1_024.0, 10.0);

/// A record of the log.
pub(crate) struct Kept {
    pub(crate) key: Vec<u8>,
    pub(crate) bytes: Option<Vec<u8>>,
}

pub(crate) fn measure() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("windows");
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    let (mut records, mut bytes) = (0u64, 0);
    let mut last = BTreeMap::new();
    versions(|key, value| {
        last.insert(key.to_vec(), key.len() + value.map_or(0, <[u8]>::len));
        records += 1;
        bytes += key.len() + value.map_or(0, <[u8]>::len);
        put(&mut file, key);
        put(&mut file, value.unwrap_or_default());
    });
    file.into_inner().expect("written");
    println!(
        "a log of windows: {} records of {} bytes on average",
        records * u64::from(COPIES),
        bytes as u64 / records
    );
    let live = last.values().sum::<usize>() * usize::from(COPIES) / (1024 * 1024);
    println!("the last of each key: {} records, {live} MiB", last.len() * usize::from(COPIES));
    let own = env::current_exe().expect("this program has a path");
    let output = Command::new(own).arg(RESTORE).arg(&path).output().expect("it runs");
    print!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn put(file: &mut impl Write, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("short");
    file.write_all(&length.to_be_bytes()).and_then(|()| file.write_all(bytes)).expect("written");
}

fn get(file: &mut impl Read) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    file.read_exact(&mut length).ok()?;
    let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
    file.read_exact(&mut bytes).expect("whole");
    Some(bytes)
}

/// Restores a file, chunk by chunk, and prints what that took.
pub(crate) fn restore(path: &str) {
    let mut folder = Folder::new(program(&rules(&PARTS)), Settings::default());
    let before = resident_mib();
    let mut file = BufReader::new(File::open(path).expect("a file"));
    let (mut records, mut seconds) = (0, 0.0);
    loop {
        let chunk: Vec<Kept> =
            array::from_fn::<_, 500, _>(|_| read(&mut file)).into_iter().flatten().collect();
        if chunk.is_empty() {
            break;
        }
        for number in 0..COPIES {
            // In one piece, as a worker is given them.
            let mut copies = Chunk::default();
            for Kept { key, bytes } in &chunk {
                copies.push(wardline::worker::Kept {
                    partition: 0,
                    key: &copy(key, number),
                    value: bytes.as_deref(),
                });
            }
            records += chunk.len();
            seconds += timed(|| take(&mut folder, &copies)).1;
        }
    }
    let resident = resident_mib() - before;
    let windows = SENDERS * PARTS.len() as u64 * u64::from(COPIES);
    println!("{} keys with {windows} windows restored from {records} records", folder.keys());
    println!("{seconds:.1} CPU s (bar {:.0}), {resident:.0} MiB resident", MOST.1);
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    let of_million = resident * 1e6 / windows as f64;
    println!("{of_million:.0} MiB a million windows (bar {:.0})", MOST.0);
    assert!(of_million <= MOST.0 && seconds <= MOST.1, "a bar is missed");
}

fn take(folder: &mut Folder, chunk: &Chunk) {
    for kept in chunk.iter() {
        folder.restore(0, kept.key, kept.value).expect("windows of this version");
    }
}

fn read(file: &mut impl Read) -> Option<Kept> {
    let key = get(file)?;
    let bytes = get(file).expect("a value");
    Some(Kept { key, bytes: (!bytes.is_empty()).then_some(bytes) })
}
