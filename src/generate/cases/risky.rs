//! Risky cases: stages in no fixed order between small talk, up to the moment at which harm would be done.
//!
//! Stages overlap, repeat and are left out (research on grooming finds no fixed sequence), so a kind of case is a table of how
//! likely a stage is and about when it comes, and noise is put on the latter. What is said is mild; what makes a case risky is who
//! says it to whom, and what comes together.

use super::benign::ordinary;
use super::kinds::{Indicator, Kind, Topic};
use super::people::{Home, Role};
use super::plan::Plan;
use super::script::{Mark, NONE};
use super::sessions::Manner;
use Indicator::{F1, F2, F3, F4, F5, F6, G1, G2, G3, G4, G5, G6, G7, G8, G9, G10, M1, M3, M4, M7};

/// A stage: how likely it is in a case, in percent, and about when it comes.
type Stage = (Indicator, u64, u64);

const STRANGER: &[Stage] = &[
    (G1, 88, 10),
    (G4, 60, 20),
    (G2, 45, 32),
    (G7, 58, 40),
    (G3, 62, 42),
    (G5, 28, 48),
    (G8, 20, 50),
    (G6, 60, 58),
    (G10, 38, 80),
    (G9, 8, 88),
];
const GIFTS: &[Stage] =
    &[(G1, 70, 10), (G4, 55, 20), (G8, 100, 35), (G2, 22, 38), (G3, 58, 42), (G7, 32, 50), (G6, 48, 64)];
const PRESSURE: &[Stage] = &[
    (G1, 50, 10),
    (G4, 40, 15),
    (G5, 22, 30),
    (G6, 75, 35),
    (G3, 50, 42),
    (G8, 15, 50),
    (G9, 100, 64),
    (F2, 45, 74),
];
const LIVE: &[Stage] =
    &[(G1, 38, 12), (F1, 95, 30), (G2, 25, 36), (F5, 42, 42), (G3, 36, 50), (F2, 80, 54), (G7, 25, 30)];
const FACILITATOR: &[Stage] =
    &[(F3, 100, 24), (G1, 36, 26), (F1, 90, 34), (F5, 36, 44), (G3, 28, 50), (F2, 82, 54)];
const PAYER: &[Stage] = &[(F1, 62, 20), (F5, 20, 34), (F2, 48, 44)];

/// Plans a risky case of a kind that is drawn.
pub(super) fn plan(plan: &mut Plan<'_>) {
    plan.script.kind = plan.random.pick_weighted(&[
        (Kind::Stranger, 34),
        (Kind::Gifts, 12),
        (Kind::Pressure, 12),
        (Kind::Live, 18),
        (Kind::Facilitator, 10),
        (Kind::Payer, 7),
        (Kind::Metadata, 7),
    ]);
    match plan.script.kind {
        Kind::Stranger => in_chat(plan, STRANGER),
        Kind::Gifts => in_chat(plan, GIFTS),
        Kind::Pressure => in_chat(plan, PRESSURE),
        Kind::Live => for_money(plan, LIVE, Role::Young),
        Kind::Facilitator => for_money(plan, FACILITATOR, Role::Adult),
        Kind::Payer => many_hosts(plan),
        _ => without_text(plan),
    }
}

/// The stages of one case, some of them several times, in its own order.
fn stages(plan: &mut Plan<'_>, table: &[Stage], least: usize) -> Vec<Indicator> {
    let mut drawn: Vec<(u64, Indicator)> = Vec::new();
    let distinct = |drawn: &[(u64, Indicator)]| {
        table.iter().filter(|(stage, ..)| drawn.iter().any(|(_, known)| known == stage)).count()
    };
    while distinct(&drawn) < least.min(table.len()) {
        for (indicator, percent, place) in table {
            if plan.random.percent(*percent) {
                for _ in 0..plan.random.pick_weighted(&[(1, 55), (2, 30), (3, 15)]) {
                    drawn.push((place + plan.random.below(34), *indicator));
                }
            }
        }
    }
    drawn.sort_unstable_by_key(|(place, _)| *place);
    drawn.into_iter().map(|(_, indicator)| indicator).collect()
}

/// Somebody befriends a young person in chat.
fn in_chat(plan: &mut Plan<'_>, table: &[Stage]) {
    let young = plan.person(Role::Young, Home::Here);
    let seeker = plan.person(Role::Seeker, Home::Anywhere);
    let pair = Pair { seeker, other: young };
    plan.until_hour(young, 12, 27);
    let stages = stages(plan, table, 3);
    let quick = plan.random.percent(25);
    let mut room = first_room(plan, pair);
    for (place, stage) in stages.iter().enumerate() {
        small_talk(plan, pair, room, quick);
        if place > 0 && !quick && plan.random.percent(22) {
            plan.pause(60);
            if plan.script.rooms.len() == 1 && plan.script.rooms[0].kind != "direct" {
                room = plan.room("direct");
            }
        }
        stage_in_chat(plan, pair, room, *stage);
    }
    in_the_end(plan, pair, room, &stages);
}

#[derive(Debug, Clone, Copy)]
struct Pair {
    seeker: u8,
    /// The young person, or who arranges.
    other: u8,
}

/// Some first meet among others.
fn first_room(plan: &mut Plan<'_>, pair: Pair) -> u8 {
    if !plan.random.percent(25) {
        return plan.room("direct");
    }
    let room = plan.room("group");
    let others: Vec<u8> = (0..3).map(|_| plan.person(Role::Anyone, Home::Anywhere)).collect();
    let people = [&others[..], &[pair.seeker, pair.other]].concat();
    let mut speaker = pair.other;
    for _ in 0..plan.random.between(3, 20) {
        speaker = plan.other(&people, speaker);
        let topic = ordinary(plan, Kind::Gaming, true);
        plan.say((speaker, NONE), room, topic, Mark::Nothing);
    }
    plan.wait(60, 7_200);
    plan.room("direct")
}

fn small_talk(plan: &mut Plan<'_>, pair: Pair, room: u8, quick: bool) {
    let most = if quick { 5 } else { 18 };
    let mut from = pair.seeker;
    for _ in 0..plan.random.below(most) {
        let turn = plan.random.percent(64);
        if turn {
            from = pair.across(from);
        }
        let kind = plan.random.pick(&[Kind::Strangers, Kind::Strangers, Kind::Gaming, Kind::Peers]);
        let topic = ordinary(plan, kind, turn);
        plan.say((from, pair.across(from)), room, topic, Mark::Nothing);
    }
}

impl Pair {
    fn across(self, one: u8) -> u8 {
        if one == self.seeker { self.other } else { self.seeker }
    }
}

fn stage_in_chat(plan: &mut Plan<'_>, pair: Pair, room: u8, stage: Indicator) {
    say_stage(plan, pair, room, stage);
    if stage == G8 && plan.random.percent(60) {
        plan.wait(20, 1_200);
        let amount = plan.amount(300, 5_000);
        plan.pay((pair.seeker, pair.other), room, (amount, true), Mark::Stage(G8));
    }
    if stage == G3 && plan.random.percent(14) {
        plan.delete((pair.seeker, pair.other), room, Mark::Stage(G3));
    }
    // Who is pressed for money pays at once and more than once.
    if stage == G9 && plan.script.kind == Kind::Pressure && plan.random.percent(35) {
        for _ in 0..plan.random.between(1, 3) {
            plan.wait(120, 3_000);
            let amount = plan.amount(500, 12_000);
            plan.pay((pair.other, pair.seeker), NONE, (amount, false), Mark::Stage(G9));
        }
    }
}

fn say_stage(plan: &mut Plan<'_>, pair: Pair, room: u8, stage: Indicator) {
    let from = match stage {
        F3 => pair.other,
        F2 if plan.random.percent(35) && plan.script.kind != Kind::Pressure => pair.other,
        _ => pair.seeker,
    };
    plan.say((from, pair.across(from)), room, Topic::Stage(stage), Mark::Stage(stage));
    if plan.random.percent(62) {
        plan.say((pair.across(from), from), room, Topic::Reply(stage), Mark::Nothing);
    }
}

/// The meeting, the picture or the camera, the payment: what the stages led to.
fn in_the_end(plan: &mut Plan<'_>, pair: Pair, room: u8, stages: &[Indicator]) {
    for _ in 0..plan.random.below(4) {
        let topic = ordinary(plan, Kind::Strangers, true);
        plan.say((pair.other, pair.seeker), room, topic, Mark::Nothing);
    }
    if stages.contains(&G10) {
        let hours = plan.random.between(1, 40);
        plan.wait(hours * 3_600, hours * 3_600 + 1_800);
    } else {
        plan.wait(30, 1_500);
        if plan.random.percent(40) {
            plan.call((pair.seeker, pair.other), room, Mark::Stage(G6));
            plan.wait(1, 60);
        }
    }
    plan.script.harm_ms = Some(plan.now_ms);
    if plan.random.percent(20) {
        plan.wait(60, 20_000);
        plan.say((pair.seeker, pair.other), room, Topic::Small, Mark::Nothing);
    }
}

/// A live session is agreed on and paid for, once or several times; `host` is who arranges it.
fn for_money(plan: &mut Plan<'_>, table: &[Stage], host: Role) {
    let host = plan.person(host, Home::Here);
    let payer = plan.person(Role::Seeker, Home::Abroad);
    let pair = Pair { seeker: payer, other: host };
    night_or_not(plan, host);
    let room = plan.room("direct");
    let quick = plan.random.percent(30);
    for stage in stages(plan, table, 2) {
        let short = quick || plan.random.percent(50);
        small_talk(plan, pair, room, short);
        if !quick && plan.random.percent(14) {
            plan.pause(48);
        }
        say_stage(plan, pair, room, stage);
    }
    let mut amount = plan.amount(500, 5_500);
    for time in 0..plan.random.pick_weighted(&[(1, 50), (2, 28), (3, 22)]) {
        if time > 0 {
            plan.pause(96);
            night_or_not(plan, host);
            amount += plan.random.below(amount / 2 + 1);
            for stage in stages(plan, PAYER, 1) {
                say_stage(plan, pair, room, stage);
            }
        }
        paid_session(plan, pair, amount, true, time);
    }
}

/// A payment, and a session soon after.
fn paid_session(plan: &mut Plan<'_>, pair: Pair, amount: u64, said: bool, time: u64) {
    let indicator = if time > 0 && plan.random.percent(50) { M7 } else { M1 };
    let before = plan.random.percent(72);
    if before {
        pay_host(plan, pair, amount, indicator);
        plan.wait(60, 4_200);
    }
    let chat = plan.room("live_chat");
    let manner = private_manner(plan);
    plan.hold_session((pair.other, &[pair.seeker], chat), manner, |plan| {
        plan.wait(20, 150);
        let harm_ms = plan.now_ms;
        plan.script.harm_ms.get_or_insert(harm_ms);
        if said {
            direct(plan, pair, chat);
        } else {
            plan.wait(60, 1_200);
        }
    });
    if !before || plan.random.percent(25) {
        plan.wait(30, 2_400);
        pay_host(plan, pair, amount, indicator);
    }
}

fn private_manner(plan: &mut Plan<'_>) -> Manner {
    let paid =
        plan.random.pick_weighted(&[("external_suspected", 40), ("entry", 22), ("none", 28), ("tip", 10)]);
    let visibility = plan.random.pick_weighted(&[("one_to_one", 66), ("invite", 24), ("unlisted", 10)]);
    Manner { visibility, paid, begins: Some(M4), ..Manner::PAID }
}

/// The viewer says what is to be done.
fn direct(plan: &mut Plan<'_>, pair: Pair, room: u8) {
    for _ in 0..plan.random.between(1, 8) {
        let stage = plan.random.pick_weighted(&[(Some(F4), 55), (Some(F6), 12), (None, 33)]);
        match stage {
            Some(stage) => say_stage(plan, pair, room, stage),
            None => small_talk(plan, pair, room, true),
        }
    }
}

fn pay_host(plan: &mut Plan<'_>, pair: Pair, amount: u64, indicator: Indicator) {
    let gift = plan.random.percent(18);
    plan.pay((pair.seeker, pair.other), NONE, (amount, gift), Mark::Stage(indicator));
}

fn night_or_not(plan: &mut Plan<'_>, host: u8) {
    if plan.random.percent(55) { plan.until_hour(host, 22, 29) } else { plan.until_hour(host, 8, 26) }
}

/// One payer turns to several hosts, with few words.
fn many_hosts(plan: &mut Plan<'_>) {
    let payer = plan.person(Role::Seeker, Home::Abroad);
    let mut amount = plan.amount(500, 3_500);
    for place in 0..plan.random.between(3, 6) {
        let host = plan.person(Role::Anyone, Home::Here);
        let pair = Pair { seeker: payer, other: host };
        if place > 0 {
            plan.pause(40);
        }
        night_or_not(plan, host);
        let room = plan.room("direct");
        for stage in stages(plan, PAYER, 1) {
            small_talk(plan, pair, room, true);
            say_stage(plan, pair, room, stage);
        }
        if plan.random.percent(40) {
            pay_host(plan, pair, amount, M3);
        }
        paid_session(plan, pair, amount, true, place);
        amount += plan.random.below(amount / 3 + 1);
    }
}

/// Sessions and payments alone.
fn without_text(plan: &mut Plan<'_>) {
    plan.script.style = None;
    let payer = plan.person(Role::Seeker, Home::Abroad);
    let hosts = plan.random.between(1, 3);
    let hosts: Vec<u8> = (0..hosts).map(|_| plan.person(Role::Anyone, Home::Here)).collect();
    let mut amount = plan.amount(500, 4_000);
    for time in 0..plan.random.between(2, 7) {
        if time > 0 {
            plan.pause(96);
        }
        let host = plan.random.pick(&hosts);
        night_or_not(plan, host);
        paid_session(plan, Pair { seeker: payer, other: host }, amount, false, time);
        amount += plan.random.below(amount / 4 + 1);
    }
}
