//! Opening a file or standard input, with compression undone.

use super::Input;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// What follows the first byte, 0x50 to 0x5f, of a zstd frame to be skipped: some writers begin with one.
const SKIPPABLE: &[u8] = &[0x2a, 0x4d, 0x18];

const UTF_16: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];

/// Opens an input. Bytes read from it, compressed as they are, are added to `read`.
pub fn open(input: &Input, read: &Arc<AtomicU64>) -> io::Result<Box<dyn Read + Send>> {
    let raw: Box<dyn Read + Send> = match input {
        Input::Stdin => Box::new(io::stdin()),
        #[expect(clippy::disallowed_methods, reason = "the shell reads the files it was given")]
        Input::File { path, .. } => Box::new(File::open(path)?),
    };
    uncompressed(Counted { raw, read: Arc::clone(read) })
}

/// Undoes the compression that the first bytes tell of.
fn uncompressed(mut raw: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut first = Vec::new();
    raw.by_ref().take(ZSTD.len() as u64).read_to_end(&mut first)?;
    let (gzip, zstd) = (first.starts_with(GZIP), is_zstd(&first));
    let wide = UTF_16.iter().any(|mark| first.starts_with(mark));
    let whole = Cursor::new(first).chain(raw);
    if gzip {
        Ok(Box::new(MultiGzDecoder::new(whole)))
    } else if zstd {
        Ok(Box::new(zstd::Decoder::new(whole)?))
    } else if wide {
        Err(io::Error::new(ErrorKind::InvalidData, "the file is UTF-16; convert it to UTF-8"))
    } else {
        Ok(Box::new(whole))
    }
}

fn is_zstd(first: &[u8]) -> bool {
    first.starts_with(ZSTD) || matches!(first, [0x50..=0x5f, rest @ ..] if rest.starts_with(SKIPPABLE))
}

/// Counts what is read.
struct Counted<R> {
    raw: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.raw.read(buffer)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::GzEncoder;

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        uncompressed(Cursor::new(bytes.to_vec()))?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        GzEncoder::new(text.as_bytes(), Compression::fast()).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_first_bytes_tell_the_compression() {
        let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
        // what it shows, bytes, text
        let cases = [
            ("plain", b"one\ntwo".to_vec(), "one\ntwo"),
            ("empty", Vec::new(), ""),
            ("shorter than a mark", b"{}".to_vec(), "{}"),
            ("gzip", gzip("one\ntwo"), "one\ntwo"),
            ("gzip members joined", [gzip("one\n"), gzip("two")].concat(), "one\ntwo"),
            ("zstd", zstd("one\ntwo"), "one\ntwo"),
            (
                "zstd behind a frame to be skipped",
                [b"P*M\x18\x02\0\0\0ab", &*zstd("one\ntwo")].concat(),
                "one\ntwo",
            ),
            ("zstd frames joined", [zstd("one\n"), zstd("two")].concat(), "one\ntwo"),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(read(&bytes).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let whole = gzip("one\ntwo\nthree");
        assert!(read(&whole[..whole.len() - 4]).is_err());
        assert!(read(b"\xff\xfeo\0").unwrap_err().to_string().contains("UTF-16"));
    }
}
