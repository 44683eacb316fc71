//! Records that no decoder can read: what a dead-letter topic is for.
//!
//! Each is one line, so that a trace with them is still JSON *Lines* to whoever splits it. Text with invalid
//! UTF-8, a missing id or a missing time are not here: such events can be scanned, and are.

use super::random::Random;
use super::record::Writer;
use super::room::Room;

/// Kinds of broken records besides the ones that are cut off.
const KINDS: &[&[u8]] = &[
    b"[1,2,3]",
    b"\"only a string\"",
    b"4711",
    b"null and void",
    b"<event type=\"chat.message\"/>",
    b"{\"id\":\"x1\",\"platform\":\"demo\",\"room\":{\"id\":\"r1\"}}",
    b"{\"type\":\"chat.message\",\"text\":}",
    b"{\"type\":\"chat.message\",\xff\xfe:1}",
];

/// Writes a broken record: half of them are events cut off in the middle, as by a crashed producer.
pub(super) fn write(writer: &mut Writer, room: &Room, random: &mut Random) {
    if random.percent(50) {
        return writer.raw(random.pick(KINDS));
    }
    let (from, to) = room.two(random);
    writer.open_message("chat.message", room, &from, &to, "en");
    let keep = random.between(1, writer.bytes().len() as u64 - 1);
    writer.truncate(usize::try_from(keep).unwrap_or(1));
}
