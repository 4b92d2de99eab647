//! What may be recorded and when, and how a half-day is summed up when it closes. Pure.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::words::{Presence, Proof, SheetState};
use crate::platform::{
    audit::{canonical, sha256},
    calendar,
    error::{Error, Fault, Result},
    money::Minutes,
};

/// The minutes of a presence: all of them, some of them, or none.
pub fn minutes(at: &str, presence: Presence, said: Option<i32>, length: Minutes) -> Result<i32, Fault> {
    let fault = |code: &'static str, fr: String, en: String| Err(Fault::new(format!("{at}/minutes"), code, fr, en));
    match (presence, said) {
        (Presence::Present, None) => Ok(length.0),
        (Presence::Present, Some(said)) if said == length.0 => Ok(said),
        (Presence::Present, Some(said)) => fault(
            "attendance.minutes_present",
            format!("Présent veut dire {length} : pour {}, dites « partial ».", Minutes(said)),
            format!("Present means {} minutes: for {said}, say “partial”.", length.0),
        ),
        (Presence::Partial, Some(said)) if said > 0 && said < length.0 => Ok(said),
        (Presence::Partial, _) => fault(
            "attendance.minutes_partial",
            format!("Une présence partielle dure plus de zéro et moins de {} minutes.", length.0),
            format!("A partial presence lasts more than zero and less than {} minutes.", length.0),
        ),
        (Presence::Absent | Presence::Excused, None | Some(0)) => Ok(0),
        (Presence::Absent | Presence::Excused, Some(_)) => fault(
            "attendance.minutes_absent",
            "Une absence compte zéro minute : sinon, dites « partial ».".into(),
            "An absence counts zero minutes: otherwise, say “partial”.".into(),
        ),
    }
}

/// Recording begins with the half-day and ends with its closing.
pub fn may_record(state: SheetState, cancelled: bool, starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    if cancelled {
        return Err(Error::refused(
            "attendance.slot_cancelled",
            "Cette demi-journée est annulée.",
            "This half-day is cancelled.",
        ));
    }
    if state == SheetState::Closed {
        return Err(Error::refused(
            "attendance.slot_closed",
            "Cette demi-journée est close : rouvrez-la avec un motif pour la corriger.",
            "This half-day is closed: reopen it with a reason to correct it.",
        ));
    }
    if now < starts_at {
        let begins = calendar::moment(starts_at);
        return Err(Error::refused(
            "attendance.not_begun",
            format!("Cette demi-journée commence le {begins}."),
            format!("This half-day begins at {}.", starts_at.to_rfc3339()),
        ));
    }
    Ok(())
}

/// What is known of a half-day when somebody wants to close it.
pub struct Closing<'a> {
    /// Where its record stands.
    pub state: SheetState,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// Its end.
    pub ends_at: DateTime<Utc>,
    /// Who was expected and has no mark.
    pub unmarked: &'a [String],
    /// Which of its trainers have no mark of their own.
    pub trainers_unmarked: &'a [String],
    /// How many trainers' marks it has.
    pub trainer_marks: usize,
    /// Why it is closed all the same with trainees unmarked.
    pub gaps: Option<&'a str>,
}

/// A half-day closes once it is over, with its trainers' own marks, and never silently with gaps.
pub fn may_close(closing: &Closing<'_>, now: DateTime<Utc>) -> Result<()> {
    let Closing { state, cancelled, ends_at, unmarked, trainers_unmarked, trainer_marks, gaps } = closing;
    may_record(*state, *cancelled, DateTime::<Utc>::MIN_UTC, now)?;
    if now < *ends_at {
        let local = calendar::local(*ends_at);
        let end = calendar::time(local.time());
        let day = if calendar::local_day(now) == local.date() {
            String::new()
        } else {
            format!(" le {}", calendar::date(local.date()))
        };
        return Err(Error::refused(
            "attendance.not_over",
            format!("Cette demi-journée se termine{day} à {end}."),
            format!("This half-day ends at {}.", ends_at.to_rfc3339()),
        ));
    }
    if *trainer_marks == 0 || !trainers_unmarked.is_empty() {
        let who = if trainers_unmarked.is_empty() { "personne".to_owned() } else { calendar::and(trainers_unmarked) };
        return Err(Error::refused(
            "attendance.trainer_unmarked",
            format!("La présence de qui a formé manque : {who}."),
            format!("The trainers' own presence is missing: {who}."),
        ));
    }
    if !unmarked.is_empty() && gaps.is_none_or(|text| text.trim().is_empty()) {
        let who = calendar::and(unmarked);
        return Err(Error::refused(
            "attendance.gaps",
            format!("Rien n’est noté pour {who} : complétez, ou expliquez dans « gaps » pourquoi l’on clôt ainsi."),
            format!("Nothing is recorded for {who}: complete it, or explain in “gaps” why it is closed so."),
        ));
    }
    Ok(())
}

/// Only what is closed can be reopened; once invoiced, by the cooperative alone.
pub fn may_reopen(state: SheetState, invoiced: bool, cooperative: bool) -> Result<()> {
    match (state, invoiced, cooperative) {
        (SheetState::Closed, true, false) => Err(Error::refused(
            "attendance.invoiced",
            "Ces heures sont facturées à un financeur : seule la coopérative peut rouvrir cette demi-journée.",
            "These hours are invoiced to a funder: only the cooperative may reopen this half-day.",
        )),
        (SheetState::Closed, _, _) => Ok(()),
        (SheetState::Open, _, _) => {
            Err(Error::no_move("attendance.not_closed", state.name(), "reopen", &["record", "close"]))
        }
        (SheetState::Waiting, _, _) => {
            Err(Error::no_move("attendance.not_closed", state.name(), "reopen", &["record"]))
        }
    }
}

/// A mark as the digest of its half-day reads it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The enrolment, or the trainer.
    pub who: Uuid,
    /// Whether it is a trainer's.
    pub trainer: bool,
    /// The presence.
    pub presence: Presence,
    /// Its minutes.
    pub minutes: i32,
    /// Its proof.
    pub proof: Proof,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// The digest of a closed half-day: it changes if any of its marks does.
pub fn digest(slot: Uuid, lines: &[Line]) -> String {
    let mut lines: Vec<&Line> = lines.iter().collect();
    lines.sort_by_key(|line| (line.trainer, line.who));
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| {
            json!({
                "who": line.who,
                "trainer": line.trainer,
                "presence": line.presence.name(),
                "minutes": line.minutes,
                "proof": line.proof.name(),
                "recorded_at": line.recorded_at.timestamp_micros(),
            })
        })
        .collect();
    sha256(canonical(&json!({ "slot": slot, "marks": lines })))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone};
    use proptest::prelude::*;

    use super::*;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 2, 11, 30, 0).single().expect("a plain instant")
    }

    fn closing<'a>() -> Closing<'a> {
        Closing {
            state: SheetState::Open,
            cancelled: false,
            ends_at: noon(),
            unmarked: &[],
            trainers_unmarked: &[],
            trainer_marks: 1,
            gaps: None,
        }
    }

    fn code(refused: Result<()>) -> String {
        refused.err().map(|error| error.code().into_owned()).unwrap_or_default()
    }

    #[test]
    fn a_half_day_closes_when_it_is_over() {
        let early = may_close(&closing(), noon() - TimeDelta::minutes(1));
        assert!(early.as_ref().is_err_and(|error| error.to_string().contains("à 12\u{a0}h\u{a0}30")), "{early:?}");
        assert_eq!(code(early), "attendance.not_over");
        assert_eq!(code(may_close(&closing(), noon())), "");
    }

    #[test]
    fn a_half_day_closes_with_gaps_never_silently() {
        let names = ["Zoé Lefèvre".to_owned()];
        let silent = Closing { unmarked: &names, ..closing() };
        assert_eq!(code(may_close(&silent, noon())), "attendance.gaps");
        let said = Closing { unmarked: &names, gaps: Some("Partie sans signer"), ..closing() };
        assert_eq!(code(may_close(&said, noon())), "");
    }

    #[test]
    fn a_half_day_without_its_trainer_does_not_close() {
        let alone = Closing { trainer_marks: 0, ..closing() };
        assert_eq!(code(may_close(&alone, noon())), "attendance.trainer_unmarked");
    }

    #[test]
    fn what_is_invoiced_is_reopened_by_the_cooperative_alone() {
        assert_eq!(code(may_reopen(SheetState::Closed, true, false)), "attendance.invoiced");
        assert_eq!(code(may_reopen(SheetState::Closed, true, true)), "");
        assert_eq!(code(may_reopen(SheetState::Closed, false, false)), "");
        assert_eq!(code(may_reopen(SheetState::Open, false, true)), "attendance.not_closed");
    }

    proptest! {
        #[test]
        fn minutes_never_leave_the_half_day(said in proptest::option::of(-10..600_i32), length in 1..480_i32) {
            for presence in Presence::ALL {
                if let Ok(minutes) = minutes("", *presence, said, Minutes(length)) {
                    prop_assert!((0..=length).contains(&minutes));
                    prop_assert_eq!(minutes == length, *presence == Presence::Present);
                    prop_assert_eq!(minutes == 0, matches!(presence, Presence::Absent | Presence::Excused));
                }
            }
        }

        #[test]
        fn the_digest_sees_every_change(minutes in 0..200_i32, delta in 1..10_i32) {
            let line = Line { who: Uuid::from_u128(1), trainer: false, presence: Presence::Partial, minutes, proof: Proof::Paper, recorded_at: noon() };
            let other = Line { minutes: minutes + delta, ..line.clone() };
            let slot = Uuid::from_u128(2);
            let both = [line.clone(), Line { who: Uuid::from_u128(3), ..line.clone() }];
            let turned = [both[1].clone(), both[0].clone()];
            prop_assert_eq!(digest(slot, &both), digest(slot, &turned));
            prop_assert_ne!(digest(slot, &[line]), digest(slot, &[other]));
        }
    }
}
