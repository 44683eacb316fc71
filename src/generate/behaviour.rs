//! Mild risk behaviours: what the bundled rules are there to notice, in words that nobody minds reading.
//!
//! A stranger on a new adult account turns to a young person. The wording varies in word order, filler and
//! typing, so that the rules are tried as patterns and not as a copy of the same list; each template is
//! one that the bundled rules must notice, which a test over many events demands.

use super::random::Random;
use super::record::Writer;
use super::room::Room;
use super::scene::write_text;

/// A mild risk behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Behaviour {
    /// Asks how old someone is.
    AskAge,
    /// Asks to keep the conversation secret, or to delete it.
    AskSecrecy,
    /// Wants to go on in another app.
    MoveApp,
    /// Names a payment service.
    NamePayment,
    /// No message: a new adult account pays a young person.
    PayYoung,
}

impl Behaviour {
    /// All behaviours.
    pub const ALL: [Behaviour; 5] = [
        Behaviour::AskAge,
        Behaviour::AskSecrecy,
        Behaviour::MoveApp,
        Behaviour::NamePayment,
        Behaviour::PayYoung,
    ];

    /// A short stable name, for labels.
    pub fn name(self) -> &'static str {
        match self {
            Behaviour::AskAge => "ask_age",
            Behaviour::AskSecrecy => "ask_secrecy",
            Behaviour::MoveApp => "move_app",
            Behaviour::NamePayment => "name_payment",
            Behaviour::PayYoung => "pay_young",
        }
    }

    fn templates(self) -> &'static [&'static str] {
        match self {
            Behaviour::AskAge => ASK_AGE,
            Behaviour::AskSecrecy => ASK_SECRECY,
            Behaviour::MoveApp => MOVE_APP,
            Behaviour::NamePayment => NAME_PAYMENT,
            Behaviour::PayYoung => &[],
        }
    }
}

/// Writes an event with a behaviour and tells which.
pub(super) fn write(writer: &mut Writer, room: &Room, random: &mut Random) -> Behaviour {
    let behaviour = random.pick(&Behaviour::ALL);
    let (stranger, young) = (room.stranger(), room.young());
    if behaviour == Behaviour::PayYoung {
        write_payment(writer, room, random);
        return behaviour;
    }
    writer.open_message("chat.message", room, &stranger, &young, "en");
    write_text(writer, behaviour.templates(), random);
    writer.close_message();
    behaviour
}

fn write_payment(writer: &mut Writer, room: &Room, random: &mut Random) {
    let minor = random.between(5, 60) * 100;
    writer.head("gift");
    writer.place(room);
    writer.person("sender", &room.stranger());
    writer.person("recipient", &room.young());
    let sequence = writer.sequence();
    writer.format(format_args!(
        ",\"payment\":{{\"id\":\"p{sequence}\",\"amount_minor\":{minor},\"currency\":\"EUR\",\"rail\":\"gift_card\"}}"
    ));
    writer.close();
}

const ASK_AGE: &[&str] = &[
    "{hi} {name}, so how old are you?",
    "how  old r u {name}",
    "Hey!! HOW OLD ARE YOU {smile}",
    "and what's your age btw",
    "ok but what grade are you in?",
    "wait are you under 16?",
    "nice picture, ur age?",
];

const ASK_SECRECY: &[&str] = &[
    "let's keep this just between us ok",
    "{name} please don't tell your mum about this",
    "DON’T TELL ANYONE we talked {smile}",
    "this is our little secret {heart}",
    "can you delete this chat after you read it",
    "nobody needs to know about the {animal} thing, promise?",
    "dont show this to your teacher",
];

const MOVE_APP: &[&str] = &[
    "add me on {app}, same name",
    "let's talk on {app} instead {smile}",
    "do you have {app}? i'm never here",
    "i am on {app} all {day}, write me there",
    "text me at {app} when you are home",
    "easier if we go over to {app}",
    "my {app} is the same as here",
];

const NAME_PAYMENT: &[&str] = &[
    "i can send it by {service} {day}",
    "do you use {service}? i'll pay you there",
    "got {service}? just {number}0 for you {smile}",
    "i will pay with {service} like last time",
    "make a {service} account and i send you something",
];

/// All templates, for the test that looks at each.
#[cfg(test)]
pub(super) fn templates() -> impl Iterator<Item = &'static str> {
    Behaviour::ALL.iter().flat_map(|behaviour| behaviour.templates().iter().copied())
}
