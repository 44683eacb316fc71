//! Records of keys, one behind the other in large pieces of memory.
//!
//! An allocator keeps apart what is of different size. A million keys, restored in ten versions each, of which nearly every one is of
//! another size than the one before, took up to twice the memory of their bytes, how much depended on the allocator. So a piece is filled from
//! its beginning and what is replaced leaves a hole; where the holes become too many, the piece that has most of them is emptied: what
//! still counts in it comes again, as if it were new. This is how file systems made of a log, and stores made like them, keep what they keep.
//!
//! What somebody reads stays as it was for as long as they hold its piece, whatever becomes of the record meanwhile.

use std::fmt;
use std::iter::repeat_n;
use std::sync::Arc;

/// Bytes of a piece at least and at most, which with what allocators add are round numbers: a worker may have hundreds of partitions with
/// few keys each. Tests move as much with far less.
pub(super) const LEAST: usize = (16 << 10) / SCALE - 64;
pub(super) const MOST: usize = (256 << 10) / SCALE - 64;
const SCALE: usize = if cfg!(test) { 32 } else { 1 };

/// A piece takes about this part of all that is filled, a record at most this part of a piece: what would take more has a piece of its own. So a
/// piece is closed when at most so much is left of it.
const PART: usize = 8;

/// Holes are tolerated until they take this part of what counts, and a piece besides: fewer are more moving, more are more memory. It has to be less
/// than [`PART`], so that emptying the worst piece frees more than is lost at the end of the one that takes what it held.
const HOLES: usize = 4;

/// What stands before every record: its slot, the lengths of key and bytes, and how much room there is for both.
pub(super) const HEADER: usize = 16;

/// Bytes take the place of others if they fit and leave at most this part of the room: one version is often as long as the one before, or a
/// little shorter.
const LEFT: usize = 4;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    piece: u32,
    at: u32,
}

/// A key and its bytes.
#[derive(Clone, Copy)]
pub(in crate::correlate) struct Record<'p> {
    /// Of which slot it was when it was put there.
    pub(super) slot: u32,
    /// What both are stretches of, and so are records of other keys.
    pub(in crate::correlate) all: &'p Arc<[u8]>,
    /// The key.
    pub(in crate::correlate) key: &'p [u8],
    /// The bytes of its windows.
    pub(in crate::correlate) bytes: &'p [u8],
}

/// All pieces.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    all: Vec<Piece>,
    /// The one that is filled.
    open: Option<u32>,
    /// Numbers of those that are none any more.
    unused: Vec<u32>,
    /// Memory of one of them, for the next.
    spare: Option<Arc<[u8]>>,
    /// Bytes of all that are closed and of what was written to the open one, and how many of them do not count any more.
    filled: usize,
    holes: usize,
}

/// A piece of memory.
#[derive(Default)]
pub(super) struct Piece {
    memory: Arc<[u8]>,
    /// How much of it is filled.
    end: usize,
    /// How much of that does not count any more.
    holes: usize,
}

impl Piece {
    /// The record that begins there, and where it ends.
    fn record(&self, at: usize) -> Option<(Record<'_>, usize)> {
        let (head, rest) = self.memory.get(at..self.end)?.split_first_chunk::<HEADER>()?;
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (own, _) = rest.split_at_checked(number(12) as usize)?;
        let (key, rest) = own.split_at_checked(number(4) as usize)?;
        let bytes = rest.get(..number(8) as usize)?;
        Some((Record { slot: number(0), all: &self.memory, key, bytes }, at + HEADER + own.len()))
    }

    /// All that was ever put into it, and where each stands if this is the piece of that number.
    pub(super) fn records(&self, number: u32) -> impl Iterator<Item = (Place, Record<'_>)> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let place = Place { piece: number, at: short(next) };
            let (record, end) = self.record(next)?;
            next = end;
            Some((place, record))
        })
    }
}

impl fmt::Debug for Piece {
    // Never what is in it, which people wrote.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {} bytes, {} of holes", self.end, self.memory.len(), self.holes)
    }
}

/// A number of bytes, pieces or slots. A record is far below 4 GiB, as Kafka's own are, and of the others there is no memory for four billion.
pub(super) fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Pieces {
    /// The record that stands there.
    pub(super) fn get(&self, place: Place) -> Option<Record<'_>> {
        let (record, _) = self.all.get(place.piece as usize)?.record(place.at as usize)?;
        Some(record)
    }

    /// Puts a record of a slot somewhere.
    pub(super) fn put(&mut self, slot: u32, key: &[u8], bytes: &[u8]) -> Place {
        let length = HEADER + key.len() + bytes.len();
        let number = self.with_room(length);
        let piece = &mut self.all[number as usize];
        let at = piece.end;
        let (head, rest) = Arc::make_mut(&mut piece.memory)[at..at + length].split_at_mut(HEADER);
        let numbers = [slot, short(key.len()), short(bytes.len()), short(key.len() + bytes.len())];
        head.copy_from_slice(numbers.map(u32::to_le_bytes).as_flattened());
        let (own_key, own_bytes) = rest.split_at_mut(key.len());
        own_key.copy_from_slice(key);
        own_bytes.copy_from_slice(bytes);
        piece.end += length;
        self.filled += length;
        Place { piece: number, at: short(at) }
    }

    /// A piece with so much room, which nobody else holds.
    fn with_room(&mut self, length: usize) -> u32 {
        let size = self.size();
        if length > size / PART {
            return self.begin(repeat_n(0, length).collect());
        }
        let fits = |number: &u32| {
            let piece = &mut self.all[*number as usize];
            piece.memory.len() - piece.end >= length && Arc::get_mut(&mut piece.memory).is_some()
        };
        if let Some(open) = self.open.filter(fits) {
            return open;
        }
        let spare = self.spare.take().filter(|memory| memory.len() == size);
        let number = self.begin(spare.unwrap_or_else(|| repeat_n(0, size).collect()));
        if let Some(before) = self.open.replace(number) {
            self.close(before);
        }
        number
    }

    /// How large a new piece is.
    fn size(&self) -> usize {
        (self.filled / PART).next_power_of_two().saturating_sub(64).clamp(LEAST, MOST)
    }

    fn begin(&mut self, memory: Arc<[u8]>) -> u32 {
        let piece = Piece { memory, end: 0, holes: 0 };
        if let Some(number) = self.unused.pop() {
            self.all[number as usize] = piece;
            return number;
        }
        self.all.push(piece);
        short(self.all.len() - 1)
    }

    /// What room is left in it is as good as a hole.
    fn close(&mut self, number: u32) {
        let piece = &mut self.all[number as usize];
        let rest = piece.memory.len() - piece.end;
        self.filled += rest;
        self.holes += rest;
        piece.holes += rest;
        self.let_go(number);
    }

    /// Puts other bytes in the place of a record's own if there is room for them, and not much more, and if nobody holds its piece.
    pub(super) fn overwrite(&mut self, place: Place, bytes: &[u8]) -> bool {
        let at = place.at as usize;
        let Some(piece) = self.all.get_mut(place.piece as usize) else { return false };
        let Some((record, end)) = piece.record(at) else { return false };
        let own = at + HEADER + record.key.len()..end;
        if bytes.len() > own.len() || own.len() - bytes.len() > own.len() / LEFT {
            return false;
        }
        let Some(memory) = Arc::get_mut(&mut piece.memory) else { return false };
        memory[at + 8..at + 12].copy_from_slice(&short(bytes.len()).to_le_bytes());
        memory[own][..bytes.len()].copy_from_slice(bytes);
        true
    }

    /// A record does not count any more.
    pub(super) fn remove(&mut self, place: Place) {
        let Some(piece) = self.all.get_mut(place.piece as usize) else { return };
        let Some((_, end)) = piece.record(place.at as usize) else { return };
        let length = end - place.at as usize;
        piece.holes += length;
        self.holes += length;
        self.let_go(place.piece);
    }

    /// Gives back a piece in which nothing counts any more.
    fn let_go(&mut self, number: u32) {
        let piece = &self.all[number as usize];
        if piece.holes == piece.memory.len() && self.open != Some(number) {
            let piece = self.take(number);
            self.give_back((number, piece));
        }
    }

    /// The piece with most holes, taken out, if there are too many of them: what counts in it has to be put again before it is
    /// [given back](Self::give_back).
    pub(super) fn take_worst(&mut self) -> Option<(u32, Piece)> {
        if self.holes <= (self.filled - self.holes) / HOLES + self.size() {
            return None;
        }
        let closed = self.all.iter().zip(0..).filter(|(_, number)| Some(*number) != self.open);
        let (_, number) = closed.max_by_key(|(piece, _)| piece.holes)?;
        Some((number, self.take(number)))
    }

    fn take(&mut self, number: u32) -> Piece {
        let piece = std::mem::take(&mut self.all[number as usize]);
        self.filled -= piece.memory.len();
        self.holes -= piece.holes;
        piece
    }

    /// What counts in a piece that was taken out stands elsewhere by now.
    pub(super) fn give_back(&mut self, (number, piece): (u32, Piece)) {
        self.unused.push(number);
        let mut memory = piece.memory;
        if memory.len() == self.size() && Arc::get_mut(&mut memory).is_some() {
            self.spare = Some(memory);
        }
    }

    /// Bytes filled, holes among them, and of all memory.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize, usize) {
        let memory = self.all.iter().map(|piece| &piece.memory).chain(&self.spare).map(|memory| memory.len());
        (self.filled, self.holes, memory.sum())
    }
}
