//! Harmless cases: what ordinary people do, with all that looks like an indicator and is none.

use super::kinds::{Indicator, Kind, Topic};
use super::people::{Home, Role};
use super::plan::Plan;
use super::script::{Mark, NONE};
use super::sessions::Manner;
use crate::generate::random::Odds;

/// Where a kind of talk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Two people.
    Direct,
    /// The first of the people and each of the others by themselves.
    Many,
    /// All together.
    Group,
    /// All together beside a stream.
    Live,
}

/// What happens besides talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    Calls,
    Lessons,
    Stream,
}

/// Who pays whom for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Money {
    None,
    /// Fans to the host.
    Tips,
    /// The others to the first, for work.
    Fee,
    /// From abroad, to the family.
    Home,
}

/// What a kind of case is like.
#[derive(Debug, Clone, Copy)]
struct Profile {
    kind: Kind,
    weight: u64,
    place: Place,
    first: (Role, Home),
    others: (Role, Home),
    /// Fewest and most of the others, of the sittings, and of the messages of one.
    others_count: (u8, u8),
    sittings: (u64, u64),
    messages: (u64, u64),
    beside: Beside,
    money: Money,
    /// How much of it looks like an indicator, beside [`MIDDLING`].
    likeness: u32,
}

/// The [likeness](Profile::likeness) of talk of which as much looks like an indicator as the settings say.
const MIDDLING: u32 = 8;

/// Plans a harmless case of a kind that is drawn.
pub(super) fn plan(plan: &mut Plan<'_>) {
    let profile = draw(plan);
    plan.script.kind = profile.kind;
    let people = people(plan, profile);
    let rooms = rooms(plan, profile, people.len());
    plan.until_hour(people[0], 7, 30);
    let sittings = plan.random.between(profile.sittings.0, profile.sittings.1);
    for sitting in 0..sittings {
        if sitting > 0 {
            plan.pause(72);
        }
        for (room, members) in &rooms {
            sit(plan, profile, *room, &members.iter().map(|place| people[*place]).collect::<Vec<_>>());
        }
    }
}

fn draw(plan: &mut Plan<'_>) -> Profile {
    let mut draw = plan.random.below(PROFILES.iter().map(|profile| profile.weight).sum());
    for profile in PROFILES {
        match draw.checked_sub(profile.weight) {
            Some(rest) => draw = rest,
            None => return *profile,
        }
    }
    PLAIN
}

/// Plans the talk of a given conversation of so many lines, each with its speaker.
pub(super) fn plan_given(plan: &mut Plan<'_>, speakers: impl Iterator<Item = u8>) {
    let speakers: Vec<u8> = speakers.collect();
    let most = speakers.iter().copied().max().unwrap_or(0).max(1);
    let people: Vec<u8> = (0..=most).map(|_| plan.person(Role::Anyone, Home::Anywhere)).collect();
    let room = plan.room(if most > 1 { "group" } else { "direct" });
    for (line, speaker) in (0..).zip(speakers) {
        let to = if most > 1 { NONE } else { people[usize::from(1 - speaker)] };
        plan.repeat((people[usize::from(speaker)], to), room, line);
    }
}

fn people(plan: &mut Plan<'_>, profile: Profile) -> Vec<u8> {
    let others = plan.random.small(profile.others_count.0, profile.others_count.1);
    let mut people = vec![plan.person(profile.first.0, profile.first.1)];
    people.extend((0..others).map(|_| plan.person(profile.others.0, profile.others.1)));
    people
}

/// The rooms, each with the places of its people.
fn rooms(plan: &mut Plan<'_>, profile: Profile, people: usize) -> Vec<(u8, Vec<usize>)> {
    let all = (0..people).collect();
    match profile.place {
        Place::Live => vec![(plan.room("live_chat"), all)],
        Place::Group => vec![(plan.room("group"), all)],
        Place::Direct => vec![(plan.room("direct"), all)],
        Place::Many => (1..people).map(|other| (plan.room("direct"), vec![0, other])).collect(),
    }
}

fn sit(plan: &mut Plan<'_>, profile: Profile, room: u8, people: &[u8]) {
    let messages = plan.random.between(profile.messages.0, profile.messages.1);
    let (host, others) = (people[0], &people[1..]);
    let session = match profile.beside {
        Beside::Nothing => None,
        Beside::Calls => plan.random.percent(45).then_some(Manner::CALL),
        Beside::Lessons => plan.random.percent(75).then(|| lesson(plan)),
        Beside::Stream => Some(Manner::STREAM),
    };
    let Some(manner) = session else {
        talk(plan, profile, room, people, messages);
        return money(plan, profile, room, host, others[0]);
    };
    let inside = if profile.place == Place::Live { messages } else { messages / 3 };
    talk(plan, profile, room, people, messages - inside);
    if profile.money == Money::Fee && plan.random.percent(60) {
        money(plan, profile, room, host, others[0]);
        plan.wait(60, 5_400);
    }
    plan.hold_session((host, others, room), manner, |plan| talk(plan, profile, room, people, inside));
    money(plan, profile, room, host, others[0]);
}

/// A lesson, of which some are paid elsewhere and some end early.
fn lesson(plan: &mut Plan<'_>) -> Manner {
    let paid =
        plan.random.pick_weighted(&[("entry", 40), ("none", 35), ("external_suspected", 20), ("tip", 5)]);
    let visibility = plan.random.pick_weighted(&[("one_to_one", 70), ("invite", 20), ("unlisted", 10)]);
    let begins = (paid != "none" && visibility == "one_to_one").then_some(Indicator::M4);
    Manner { visibility, paid, begins, ..Manner::LESSON }
}

fn money(plan: &mut Plan<'_>, profile: Profile, room: u8, host: u8, other: u8) {
    let (percent, pair, low, high) = match profile.money {
        Money::None | Money::Tips => return,
        Money::Fee => (45, (other, host), 500, 9_000),
        Money::Home => (50, (other, host), 1_500, 30_000),
    };
    if plan.random.percent(percent) {
        plan.wait(30, 1_800);
        let amount = plan.amount(low, high);
        let near = plan.mark(Indicator::M1);
        let room = if plan.random.percent(50) { room } else { NONE };
        plan.pay(pair, room, (amount, false), near);
    }
}

fn talk(plan: &mut Plan<'_>, profile: Profile, room: u8, people: &[u8], messages: u64) {
    let likes = plan.world.lexicon.likes(profile.kind);
    let looks_alike = alike(plan.world.look_alikes, profile);
    let direct = people.len() == 2;
    let mut speaker = plan.random.pick(people);
    for _ in 0..messages {
        let turn = !direct || plan.random.percent(62);
        if turn {
            speaker = plan.other(people, speaker);
        }
        let listener = listener(plan, profile, people, speaker);
        let topic = if !likes.is_empty() && looks_alike.hit(plan.random.next()) {
            Topic::Like(profile.kind, plan.random.pick(likes))
        } else {
            ordinary(plan, profile.kind, turn)
        };
        let mark =
            if let Topic::Like(_, indicator) = topic { Mark::Resembles(indicator) } else { Mark::Nothing };
        plan.say((speaker, listener), room, topic, mark);
        if plan.random.below(1_000) < 6 {
            plan.delete((speaker, listener), room, Mark::Nothing);
        }
        if profile.money == Money::Tips && speaker != people[0] && plan.random.percent(6) {
            let amount = plan.amount(100, 6_000);
            let gift = plan.random.percent(70);
            plan.pay((speaker, people[0]), room, (amount, gift), Mark::Nothing);
        }
    }
}

/// How much of that kind of talk looks like an indicator, where `share` of all talk does.
fn alike(share: f64, profile: Profile) -> Odds {
    let share = share * f64::from(profile.likeness) / f64::from(MIDDLING);
    Odds::up_to(share.min(1.0)).unwrap_or_default()
}

/// To whom it is said, where events tell.
fn listener(plan: &mut Plan<'_>, profile: Profile, people: &[u8], speaker: u8) -> u8 {
    match profile.place {
        Place::Direct | Place::Many => plan.other(people, speaker),
        Place::Live if speaker != people[0] && plan.random.percent(70) => people[0],
        _ if plan.random.percent(15) => plan.other(people, speaker),
        _ => NONE,
    }
}

/// What people talk about when it is about nothing much; `turn` says that somebody answers.
pub(super) fn ordinary(plan: &mut Plan<'_>, kind: Kind, turn: bool) -> Topic {
    match plan.random.below(100) {
        0..26 if turn => Topic::React,
        0..55 => Topic::Of(kind),
        _ => Topic::Small,
    }
}

const PLAIN: Profile = Profile {
    kind: Kind::Strangers,
    weight: 10,
    place: Place::Direct,
    first: (Role::Anyone, Home::Anywhere),
    others: (Role::Anyone, Home::Anywhere),
    others_count: (1, 1),
    sittings: (1, 3),
    messages: (6, 30),
    beside: Beside::Nothing,
    money: Money::None,
    likeness: MIDDLING,
};

const PROFILES: &[Profile] = &[
    PLAIN,
    Profile {
        kind: Kind::Family,
        first: (Role::Anyone, Home::Here),
        others: (Role::Adult, Home::Abroad),
        beside: Beside::Calls,
        money: Money::Home,
        ..PLAIN
    },
    Profile {
        kind: Kind::Remittance,
        weight: 7,
        first: (Role::Adult, Home::Here),
        others: (Role::Adult, Home::Abroad),
        messages: (5, 20),
        money: Money::Home,
        likeness: 14,
        ..PLAIN
    },
    Profile {
        kind: Kind::Tutoring,
        weight: 6,
        place: Place::Many,
        first: (Role::Adult, Home::Anywhere),
        others: (Role::Young, Home::Here),
        others_count: (1, 4),
        messages: (5, 24),
        beside: Beside::Lessons,
        money: Money::Fee,
        ..PLAIN
    },
    Profile {
        kind: Kind::Coaching,
        weight: 5,
        place: Place::Many,
        first: (Role::Adult, Home::Anywhere),
        others_count: (1, 3),
        messages: (5, 20),
        beside: Beside::Lessons,
        money: Money::Fee,
        ..PLAIN
    },
    Profile {
        kind: Kind::Gaming,
        place: Place::Group,
        others_count: (2, 7),
        sittings: (1, 2),
        messages: (15, 70),
        likeness: 6,
        ..PLAIN
    },
    Profile {
        kind: Kind::Fans,
        weight: 8,
        place: Place::Live,
        others_count: (6, 40),
        sittings: (1, 1),
        messages: (25, 150),
        beside: Beside::Stream,
        money: Money::Tips,
        likeness: 5,
        ..PLAIN
    },
    Profile {
        kind: Kind::Peers,
        first: (Role::Young, Home::Here),
        others: (Role::Young, Home::Here),
        messages: (8, 40),
        likeness: 10,
        ..PLAIN
    },
    Profile {
        kind: Kind::Party,
        weight: 5,
        place: Place::Group,
        others_count: (2, 6),
        likeness: 16,
        ..PLAIN
    },
    Profile {
        kind: Kind::Babysitting,
        weight: 4,
        first: (Role::Anyone, Home::Here),
        others: (Role::Adult, Home::Here),
        messages: (6, 18),
        money: Money::Fee,
        likeness: 13,
        ..PLAIN
    },
    Profile {
        kind: Kind::School,
        weight: 7,
        place: Place::Group,
        first: (Role::Young, Home::Here),
        others: (Role::Young, Home::Here),
        others_count: (3, 9),
        messages: (12, 45),
        likeness: 7,
        ..PLAIN
    },
    Profile {
        kind: Kind::Market,
        weight: 6,
        place: Place::Many,
        first: (Role::Adult, Home::Here),
        others: (Role::Adult, Home::Here),
        others_count: (1, 4),
        sittings: (1, 2),
        messages: (5, 16),
        money: Money::Fee,
        likeness: 14,
        ..PLAIN
    },
    Profile {
        kind: Kind::Church,
        weight: 4,
        place: Place::Group,
        others_count: (3, 9),
        messages: (6, 28),
        likeness: 7,
        ..PLAIN
    },
    Profile {
        kind: Kind::Dating,
        weight: 6,
        first: (Role::Adult, Home::Anywhere),
        others: (Role::Adult, Home::Anywhere),
        sittings: (1, 4),
        beside: Beside::Calls,
        likeness: 11,
        ..PLAIN
    },
    Profile {
        kind: Kind::Support,
        weight: 4,
        place: Place::Many,
        first: (Role::Adult, Home::Anywhere),
        others: (Role::Adult, Home::Anywhere),
        others_count: (1, 4),
        sittings: (1, 1),
        messages: (5, 16),
        ..PLAIN
    },
];
