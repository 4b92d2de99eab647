//! Who may hold a personal link, what a trainee may do with a half-day now, how often a code may be mistyped. Pure.

use chrono::{DateTime, Utc};

use super::held::Address;
use crate::{
    attendance::{LateState, Presence, Proof, SheetState},
    platform::{
        error::{Error, Result},
        quota::UsedUp,
    },
    words,
};

words! {
    /// How links are handed over.
    pub enum Delivery as "LinkDelivery" {
        /// By mail, to each holder's own address; nobody else sees the token.
        Mail = "mail",
        /// In the answer, once: for a program that sends them itself, or to give them by hand. Trainees' own need
        /// `links.answer`.
        Answer = "answer",
    }
}

words! {
    /// What became of a link that was asked for.
    pub enum Handed as "LinkHanded" {
        /// A mail to its holder was queued; links sent before open nothing once it leaves under the same cause.
        Mailed = "mailed",
        /// It is in this answer.
        Answered = "answered",
        /// No personal link may go to this person: see `why`.
        Withheld = "withheld",
    }
}

/// Why somebody gets no personal link: they sign on the trainer's device, or on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// They have no address.
    NoAddress,
    /// Another trainee of the session has the same address.
    Shared,
    /// The address is the client's, or of somebody who stands for the client.
    Client,
    /// The address is of somebody who trains, or of the activity: they would sign for the trainee.
    Trainer,
    /// It was asked for several times in this hour.
    JustAsked,
    /// It was asked for too many times.
    AskedTooOften,
}

impl From<UsedUp> for Held {
    fn from(used: UsedUp) -> Self {
        match used {
            UsedUp::Hour => Self::JustAsked,
            UsedUp::All => Self::AskedTooOften,
        }
    }
}

impl Held {
    /// In French, for whoever asked for the link.
    pub fn fr(self) -> &'static str {
        match self {
            Self::NoAddress => {
                "Pas d’adresse : signature sur l’appareil de la formatrice ou du formateur, ou sur papier."
            }
            Self::Shared => {
                "Adresse commune à plusieurs stagiaires : signature sur l’appareil de la formatrice ou du formateur, ou sur papier."
            }
            Self::Client => {
                "Adresse du client ou de son contact : signature sur l’appareil de la formatrice ou du formateur, ou sur papier."
            }
            Self::Trainer => {
                "Adresse de qui forme, ou de l’activité : signature sur l’appareil de la formatrice ou du formateur, ou sur papier."
            }
            Self::JustAsked => "Ce lien vient d’être demandé plusieurs fois : attendez une heure.",
            Self::AskedTooOften => {
                "Ce lien a été demandé trop de fois : signature sur l’appareil de la formatrice ou du formateur, ou sur papier."
            }
        }
    }
}

fn same(left: &str, right: &str) -> bool {
    left.trim().to_lowercase() == right.trim().to_lowercase()
}

/// Whether a trainee's address is theirs alone: no other trainee's, nor the client's or its contacts', nor that of those
/// who train.
pub fn may_hold(own: Option<&str>, trainees: &[&str], client: &[&str], trainers: &[&str]) -> Result<(), Held> {
    let own = own.filter(|own| !own.trim().is_empty()).ok_or(Held::NoAddress)?;
    if trainees.iter().any(|other| same(own, other)) {
        return Err(Held::Shared);
    }
    if client.iter().any(|other| same(own, other)) {
        return Err(Held::Client);
    }
    if trainers.iter().any(|other| same(own, other)) {
        return Err(Held::Trainer);
    }
    Ok(())
}

/// How a trainee's link is handed over, and why it is not. An address that others read receives none, whoever asks; where
/// there is no address, the cooperative may give it by hand.
pub fn handed(delivery: Delivery, own: Option<&Address>) -> (Handed, Option<Held>) {
    match (delivery, own) {
        (Delivery::Mail, Some(Ok(_))) => (Handed::Mailed, None),
        (Delivery::Answer, Some(Ok(_) | Err(Held::NoAddress))) => (Handed::Answered, None),
        (Delivery::Mail | Delivery::Answer, Some(Err(held))) => (Handed::Withheld, Some(*held)),
        (Delivery::Mail | Delivery::Answer, None) => (Handed::Withheld, None),
    }
}

/// What is known of a trainee on a half-day.
#[derive(Debug, Clone)]
pub struct Known {
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// When signing opens.
    pub opens_at: DateTime<Utc>,
    /// Until when late signatures are received.
    pub late_until: DateTime<Utc>,
    /// Where its record stands.
    pub state: SheetState,
    /// The mark: presence, proof, minutes.
    pub mark: Option<(Presence, Proof, i32)>,
    /// The last late signature.
    pub late: Option<LateState>,
}

/// What a trainee may do with a half-day now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It will not take place.
    Cancelled,
    /// It is not open yet.
    Ahead,
    /// It is signed on a device.
    Signed,
    /// It is proved otherwise: on paper, by a connection.
    Proved,
    /// They may sign.
    Open,
    /// It is closed, and they may still sign: somebody will decide.
    Late,
    /// It is over, and they may only state that they were there.
    Statement,
    /// What they signed waits for a decision.
    Waiting,
    /// What they signed late was refused.
    Refused,
}

/// What a trainee may do with a half-day now.
pub fn standing(known: &Known, now: DateTime<Utc>) -> Standing {
    let Known { cancelled, opens_at, late_until, state, mark, late } = known;
    if *cancelled {
        return Standing::Cancelled;
    }
    match mark {
        Some((_, Proof::Signed, 1..)) => return Standing::Signed,
        Some((_, Proof::Paper | Proof::Connection, 1..)) => return Standing::Proved,
        Some(_) | None => {}
    }
    match late {
        Some(LateState::Pending) => return Standing::Waiting,
        // While the half-day is open, or open again, they may sign anew.
        Some(LateState::Refused) if *state == SheetState::Closed => return Standing::Refused,
        Some(LateState::Refused | LateState::Accepted) | None => {}
    }
    match state {
        SheetState::Waiting | SheetState::Open if now < *opens_at => Standing::Ahead,
        SheetState::Waiting | SheetState::Open => Standing::Open,
        SheetState::Closed if now <= *late_until => Standing::Late,
        SheetState::Closed => Standing::Statement,
    }
}

/// Wrong codes taken within one window before the half-day refuses typed ones until the next.
pub const WRONG_TRIES: i32 = 20;

/// Wrong codes taken for a half-day in all: what is typed in a room is mistyped, a machine guesses.
pub const WRONG_IN_ALL: usize = 60;

/// Whether a typed code may still be tried; `tried` counts the wrong ones of `of_window`, `in_all` those of the half-day.
pub fn may_type(tried: i32, of_window: i64, window: i64, in_all: usize) -> Result<()> {
    if in_all >= WRONG_IN_ALL {
        return Err(Error::refused(
            "signing.too_many_tries",
            "Trop de codes faux ont été saisis pour cette demi-journée : scannez le code QR, ou signez sur l’appareil de la \
             formatrice ou du formateur.",
            "Too many wrong codes were typed for this half-day: scan the QR code, or sign on the trainer’s device.",
        ));
    }
    if of_window != window || tried < WRONG_TRIES {
        return Ok(());
    }
    Err(Error::refused(
        "signing.too_many_tries",
        "Trop de codes faux ont été saisis pour cette demi-journée. Scannez le code QR, ou attendez que le code affiché \
         change.",
        "Too many wrong codes were typed for this half-day. Scan the QR code, or wait for another code to be shown.",
    ))
}

/// A code that is wrong, past or unknown: the same words for all.
pub fn wrong_code() -> Error {
    Error::refused(
        "signing.wrong_code",
        "Ce code n’est pas celui qui est affiché en ce moment. Scannez ou recopiez celui que montre l’écran.",
        "This is not the code that is shown now. Scan or copy the one on the screen.",
    )
}

/// A ticket that left all its time.
pub fn ticket_ended() -> Error {
    Error::refused(
        "signing.ticket_ended",
        "Les dix minutes pour signer sont passées. Scannez de nouveau le code affiché.",
        "The ten minutes to sign are over. Scan the code again.",
    )
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone};

    use super::*;

    fn nine() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 3, 8, 0, 0).single().expect("a plain instant")
    }

    #[test]
    fn no_link_goes_to_an_address_that_others_read() {
        let others = ["paul@example.org", "equipe@example.org"];
        let client = ["rose@example.org", "contact@example.org"];
        let trainers = ["marie@example.org", "bonjour@example.org"];
        let held = |own| may_hold(own, &others, &client, &trainers).err();
        assert_eq!(held(Some("zoe@example.org")), None);
        assert_eq!(held(None), Some(Held::NoAddress));
        assert_eq!(held(Some("  ")), Some(Held::NoAddress));
        assert_eq!(held(Some("Equipe@Example.org ")), Some(Held::Shared));
        assert_eq!(held(Some("rose@example.org")), Some(Held::Client));
        assert_eq!(held(Some("Marie@example.org")), Some(Held::Trainer));
    }

    #[test]
    fn no_link_is_handed_to_an_address_that_others_read() {
        let told = |delivery, own: Address| handed(delivery, Some(&own));
        let own = || Ok("zoe@example.org".to_owned());
        assert_eq!(told(Delivery::Mail, own()), (Handed::Mailed, None));
        assert_eq!(told(Delivery::Answer, own()), (Handed::Answered, None));
        for held in [Held::Shared, Held::Client, Held::Trainer] {
            assert_eq!(told(Delivery::Mail, Err(held)), (Handed::Withheld, Some(held)));
            assert_eq!(told(Delivery::Answer, Err(held)), (Handed::Withheld, Some(held)));
        }
        assert_eq!(told(Delivery::Mail, Err(Held::NoAddress)), (Handed::Withheld, Some(Held::NoAddress)));
        assert_eq!(told(Delivery::Answer, Err(Held::NoAddress)), (Handed::Answered, None));
        assert_eq!(handed(Delivery::Answer, None), (Handed::Withheld, None));
    }

    fn known() -> Known {
        Known {
            cancelled: false,
            opens_at: nine(),
            late_until: nine() + TimeDelta::hours(75),
            state: SheetState::Open,
            mark: None,
            late: None,
        }
    }

    #[test]
    fn a_half_day_is_signed_once_and_when_it_is_open() {
        let closed = Known { state: SheetState::Closed, ..known() };
        let of = |known: &Known, hours| standing(known, nine() + TimeDelta::hours(hours));
        assert_eq!(of(&known(), -1), Standing::Ahead);
        assert_eq!(of(&known(), 0), Standing::Open);
        assert_eq!(of(&closed, 5), Standing::Late);
        assert_eq!(of(&closed, 80), Standing::Statement);
        let marked = |proof, minutes| Known { mark: Some((Presence::Present, proof, minutes)), ..known() };
        assert_eq!(of(&marked(Proof::Signed, 210), 1), Standing::Signed);
        assert_eq!(of(&marked(Proof::Paper, 210), 1), Standing::Proved);
        assert_eq!(of(&marked(Proof::TrainerStatement, 210), 1), Standing::Open);
        let absent = Known { mark: Some((Presence::Absent, Proof::Signed, 0)), ..known() };
        assert_eq!(of(&absent, 1), Standing::Open);
        assert_eq!(of(&Known { late: Some(LateState::Pending), ..closed.clone() }, 5), Standing::Waiting);
        assert_eq!(of(&Known { late: Some(LateState::Refused), ..closed }, 5), Standing::Refused);
        assert_eq!(of(&Known { late: Some(LateState::Refused), ..known() }, 1), Standing::Open, "open again");
        assert_eq!(of(&Known { cancelled: true, ..known() }, 5), Standing::Cancelled);
    }

    #[test]
    fn wrong_codes_are_counted_for_each_window() {
        assert!(may_type(WRONG_TRIES - 1, 4, 4, 0).is_ok());
        assert!(may_type(WRONG_TRIES, 4, 4, 0).is_err_and(|error| error.code() == "signing.too_many_tries"));
        assert!(may_type(WRONG_TRIES, 4, 5, WRONG_IN_ALL - 1).is_ok());
        assert!(may_type(0, 4, 5, WRONG_IN_ALL).is_err_and(|error| error.code() == "signing.too_many_tries"));
    }
}
