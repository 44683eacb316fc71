//! Rooms: who is in them, and what happens in them from their first event to their last.
//!
//! A fixed number of rooms is open at any time and each event picks one, so that rooms interleave as they
//! do in a real log. A room that has run its course is replaced by a new one. People are not stored: a
//! person is computed from a number, so a trace of any length needs the memory of its open rooms.

use super::random::{Random, mix};
use super::record::Writer;
use super::scene::{Role, Scene};
use super::words;

/// Rooms open at the same time.
const OPEN: usize = 300;
/// People whom a room's number leaves room for.
const PEOPLE_PER_ROOM: u64 = 64;
/// Of those, the one who is not part of the room's ordinary talk.
const STRANGER: u64 = PEOPLE_PER_ROOM - 1;
/// Of those, the young person whom the stranger talks to.
const YOUNG: u64 = PEOPLE_PER_ROOM - 2;

/// The open rooms.
#[derive(Debug)]
pub(super) struct Rooms {
    open: Vec<Room>,
    next: u64,
    picked: usize,
}

impl Rooms {
    /// The first rooms, each somewhere in the middle of its course.
    pub(super) fn new(random: &mut Random) -> Rooms {
        let open = (0..OPEN as u64).map(|number| {
            let mut room = Room::new(number, random);
            room.left = random.between(1, room.left);
            room.begun = random.percent(90);
            room
        });
        Rooms { open: open.collect(), next: OPEN as u64, picked: 0 }
    }

    /// Picks the room of the next event.
    pub(super) fn pick(&mut self, random: &mut Random) -> &Room {
        self.picked = usize::try_from(random.below(OPEN as u64)).unwrap_or(0);
        &self.open[self.picked]
    }

    /// Writes the picked room's next benign event, opens another room if it was the last, and returns the
    /// number of the room.
    pub(super) fn advance(&mut self, writer: &mut Writer, random: &mut Random) -> u64 {
        let room = &mut self.open[self.picked];
        let number = room.number;
        room.advance(writer, random);
        if room.left == 0 {
            *room = Room::new(self.next, random);
            self.next += 1;
        }
        number
    }
}

/// A room, or a conversation between two.
#[derive(Debug)]
pub(super) struct Room {
    number: u64,
    scene: Scene,
    topic: &'static str,
    /// People in its ordinary talk; the first is the host.
    people: u64,
    begun: bool,
    /// Events still to come.
    left: u64,
}

impl Room {
    fn new(number: u64, random: &mut Random) -> Room {
        let scene = random.pick(&Scene::ALL);
        let (fewest, most) = scene.people();
        let (shortest, longest) = scene.events();
        Room {
            number,
            scene,
            topic: random.pick(scene.topics()),
            people: random.between(fewest, most),
            begun: false,
            left: random.between(shortest, longest),
        }
    }

    /// Its number.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// What kind of talk goes on in it.
    pub(super) fn scene(&self) -> Scene {
        self.scene
    }

    /// Its topic.
    pub(super) fn topic(&self) -> &'static str {
        self.topic
    }

    /// The first of its people, who hosts its session.
    pub(super) fn host(&self) -> Person {
        self.person(0)
    }

    /// A new adult account, who is not part of the ordinary talk.
    pub(super) fn stranger(&self) -> Person {
        let id = self.number * PEOPLE_PER_ROOM + STRANGER;
        Person { account_age_days: mix(id) % 6, ..Person::new(id, Role::Adult, words::PAYING) }
    }

    /// A young person.
    pub(super) fn young(&self) -> Person {
        Person::new(self.number * PEOPLE_PER_ROOM + YOUNG, Role::Young, words::HOSTING)
    }

    /// Two different people of the room, in either order.
    pub(super) fn two(&self, random: &mut Random) -> (Person, Person) {
        let first = random.below(self.people);
        let second = (first + 1 + random.below(self.people - 1)) % self.people;
        (self.person(first), self.person(second))
    }

    /// Someone other than the host.
    pub(super) fn guest(&self, random: &mut Random) -> Person {
        self.person(random.between(1, self.people - 1))
    }

    fn person(&self, index: u64) -> Person {
        let countries =
            if self.scene.hosts_abroad() == (index == 0) { words::HOSTING } else { words::PAYING };
        Person::new(self.number * PEOPLE_PER_ROOM + index, self.scene.role(index), countries)
    }

    fn advance(&mut self, writer: &mut Writer, random: &mut Random) {
        let first = !std::mem::replace(&mut self.begun, true);
        self.left -= 1;
        let session = self.scene.has_session();
        if session && first {
            Scene::write_start(writer, self, random);
        } else if session && self.left == 0 {
            Scene::write_end(writer, self, random);
        } else if random.percent(self.scene.metadata_percent()) {
            self.scene.write_metadata(writer, self, random);
        } else {
            self.scene.write_message(writer, self, random);
        }
    }
}

/// A person as events show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) account_age_days: u64,
    pub(super) age_band: &'static str,
    pub(super) country: &'static str,
    pub(super) tz_offset_min: i32,
}

impl Person {
    fn new(id: u64, role: Role, countries: &'static [(&'static str, i32)]) -> Person {
        let mut random = Random::new(mix(id));
        let (country, tz_offset_min) = random.pick(countries);
        Person {
            id,
            name: random.pick(words::PEOPLE),
            account_age_days: random.between(60, 2_400),
            age_band: random.pick(role.age_bands()),
            country,
            tz_offset_min,
        }
    }
}
