//! What may be recorded and when, and how a half-day is summed up when it closes. Pure.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::words::{LateKind, Presence, Proof, SheetState, SigningAct, Statement};
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

/// What is met by an act of signing of a trainee.
pub struct Met {
    /// The act.
    pub act: SigningAct,
    /// Where the half-day's record stands.
    pub state: SheetState,
    /// Whether the half-day was cancelled.
    pub cancelled: bool,
    /// When signing opens.
    pub opens_at: DateTime<Utc>,
    /// Until when a late signature is received.
    pub last: DateTime<Utc>,
    /// When it is received.
    pub now: DateTime<Utc>,
    /// What proves the presence already, if anything is recorded.
    pub proof: Option<Proof>,
    /// Whether what is recorded says that they were there.
    pub there: bool,
    /// Whether another act of theirs waits for a decision.
    pub waiting: bool,
}

/// What becomes of an act of signing: a mark (`None`), or a late mark of this kind that somebody must decide.
pub fn receive(met: &Met) -> Result<Option<LateKind>> {
    let Met { act, state, cancelled, opens_at, last, now, proof, there, waiting } = met;
    // Closed or not: whether it takes place and has begun is said the same way.
    may_record(SheetState::Open, *cancelled, *opens_at, *now)?;
    if *waiting {
        return Err(super::signing::already_signed());
    }
    let proved = *there && matches!(proof, Some(Proof::Signed | Proof::Paper | Proof::Connection));
    match (act, state, proved) {
        (_, _, true) => Err(super::signing::already_signed()),
        (SigningAct::LateStatement, SheetState::Closed, false) => Ok(Some(LateKind::Statement)),
        (SigningAct::LateStatement, SheetState::Waiting | SheetState::Open, false) => Err(Error::refused(
            "attendance.still_open",
            "Cette demi-journée est encore ouverte à la signature : signez-la plutôt.",
            "This half-day is still open to be signed: sign it instead.",
        )),
        (SigningAct::Signature, SheetState::Closed, false) if now > last => {
            let until = calendar::moment(*last);
            Err(Error::refused(
                "attendance.too_late",
                format!("Cette demi-journée est close et ses signatures tardives étaient reçues jusqu’au {until}."),
                format!("This half-day is closed and its late signatures were received until {}.", last.to_rfc3339()),
            ))
        }
        (SigningAct::Signature, SheetState::Closed, false) => Ok(Some(LateKind::Late)),
        (SigningAct::Signature, SheetState::Waiting | SheetState::Open, false) => {
            // Marked absent or excused, and there all the same: shown to somebody, never silently merged.
            Ok((proof.is_some() && !there).then_some(LateKind::Conflict))
        }
    }
}

/// Minutes of training between an arrival and a departure. The break is taken in the middle of the half-day: whoever was
/// not there then has not had it.
pub fn minutes_between(
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    pause: i32,
    arrived: DateTime<Utc>,
    left: DateTime<Utc>,
) -> i32 {
    let (from, to) = (arrived.max(starts_at), left.min(ends_at));
    let span = i32::try_from((to - from).num_minutes()).unwrap_or(0).max(0);
    let middle = starts_at + (ends_at - starts_at) / 2;
    let whole = i32::try_from((ends_at - starts_at).num_minutes()).unwrap_or(0).saturating_sub(pause);
    let had = if from <= middle && to >= middle { span.saturating_sub(pause) } else { span };
    had.clamp(0, whole.max(0))
}

/// Arrival and departure lie within the half-day, in this order.
pub fn times(
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    arrived: Option<DateTime<Utc>>,
    left: Option<DateTime<Utc>>,
) -> Result<()> {
    let (from, to) = (arrived.unwrap_or(starts_at), left.unwrap_or(ends_at));
    if from >= starts_at && to <= ends_at && (to - from).num_minutes() >= 1 {
        return Ok(());
    }
    Err(Error::refused(
        "attendance.times",
        "L’arrivée et le départ sont dans la demi-journée, l’arrivée d’abord, à une minute au moins.",
        "Arrival and departure lie within the half-day, arrival first, one minute apart at least.",
    ))
}

/// The minutes that a mark counts: a trainer's statement counts once the cooperative confirmed it. Sheet, certificate and
/// funding file all count by this.
pub fn counted(minutes: i32, proof: &str, confirmed: bool) -> i32 {
    if proof == Proof::TrainerStatement.name() && !confirmed { 0 } else { minutes }
}

/// A presence that the trainee did not sign is stated with why and a reason.
pub fn stated(
    at: &str,
    proof: Proof,
    minutes: i32,
    statement: Option<Statement>,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let needed = proof == Proof::TrainerStatement && minutes > 0;
    if !needed || (statement.is_some() && reason.is_some_and(|reason| !reason.trim().is_empty())) {
        return Ok(());
    }
    Err(Fault::new(
        format!("{at}/statement"),
        "attendance.statement",
        "Une présence déclarée sans signature dit pourquoi (refus, empêchement, oubli) et donne un motif.",
        "A presence that is stated without a signature says why (refused, unable, forgot) and gives a reason.",
    ))
}

/// Only a presence that a trainer stated, and nobody confirmed yet, is confirmed.
pub fn may_confirm(proof: Proof, minutes: i32, confirmed: bool) -> Result<()> {
    match (proof, minutes > 0, confirmed) {
        (Proof::TrainerStatement, true, false) => Ok(()),
        (Proof::TrainerStatement, true, true) => {
            Err(Error::no_move("attendance.statement_state", "confirmed", "confirm", &[]))
        }
        (Proof::TrainerStatement, false, _) | (Proof::Signed | Proof::Paper | Proof::Connection, _, _) => {
            Err(Error::refused(
                "attendance.no_statement",
                "Cette présence n’est pas une déclaration du formateur ou de la formatrice : il n’y a rien à confirmer.",
                "This presence is not a trainer’s statement: there is nothing to confirm.",
            ))
        }
    }
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
    /// The evidence that proves it, if an act of signing does.
    pub evidence: Option<String>,
    /// Whether the cooperative confirmed a trainer's statement.
    pub confirmed: bool,
}

/// The digest of a closed half-day: it changes if any of its marks does.
pub fn digest(slot: Uuid, lines: &[Line]) -> String {
    let mut lines: Vec<&Line> = lines.iter().collect();
    lines.sort_by_key(|line| (line.trainer, line.who));
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| {
            let mut told = json!({
                "who": line.who,
                "trainer": line.trainer,
                "presence": line.presence.name(),
                "minutes": line.minutes,
                "proof": line.proof.name(),
                "recorded_at": line.recorded_at.timestamp_micros(),
            });
            // What a half-day of before had not is not in its digest.
            if let (Some(told), Some(evidence)) = (told.as_object_mut(), &line.evidence) {
                told.insert("evidence".into(), json!(evidence));
            }
            if let (Some(told), true) = (told.as_object_mut(), line.confirmed) {
                told.insert("confirmed".into(), json!(true));
            }
            told
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

    fn met() -> Met {
        Met {
            act: SigningAct::Signature,
            state: SheetState::Open,
            cancelled: false,
            opens_at: noon() - TimeDelta::hours(3),
            last: noon() + TimeDelta::hours(72),
            now: noon(),
            proof: None,
            there: false,
            waiting: false,
        }
    }

    #[test]
    fn a_signature_is_a_mark_a_late_mark_or_refused() {
        let told = |met: &Met| match receive(met) {
            Ok(None) => "mark".to_owned(),
            Ok(Some(kind)) => kind.name().to_owned(),
            Err(error) => error.code().into_owned(),
        };
        assert_eq!(told(&met()), "mark");
        assert_eq!(told(&Met { state: SheetState::Waiting, ..met() }), "mark");
        assert_eq!(told(&Met { state: SheetState::Closed, ..met() }), "late");
        let late = Met { state: SheetState::Closed, now: noon() + TimeDelta::hours(73), ..met() };
        assert_eq!(told(&late), "attendance.too_late");
        assert_eq!(told(&Met { act: SigningAct::LateStatement, ..late }), "statement");
        for state in [SheetState::Waiting, SheetState::Open] {
            assert_eq!(told(&Met { act: SigningAct::LateStatement, state, ..met() }), "attendance.still_open");
        }
        assert_eq!(told(&Met { proof: Some(Proof::Signed), there: true, ..met() }), "attendance.already_signed");
        assert_eq!(told(&Met { proof: Some(Proof::TrainerStatement), there: true, ..met() }), "mark");
        assert_eq!(told(&Met { proof: Some(Proof::Paper), ..met() }), "conflict");
        assert_eq!(told(&Met { waiting: true, ..met() }), "attendance.already_signed");
        assert_eq!(told(&Met { opens_at: noon() + TimeDelta::minutes(1), ..met() }), "attendance.not_begun");
        assert_eq!(told(&Met { cancelled: true, ..met() }), "attendance.slot_cancelled");
    }

    #[test]
    fn whoever_missed_the_break_has_not_had_it() {
        let (starts, ends) = (noon() - TimeDelta::minutes(225), noon());
        let count = |from: i64, to: i64| {
            minutes_between(starts, ends, 15, starts + TimeDelta::minutes(from), starts + TimeDelta::minutes(to))
        };
        assert_eq!(count(0, 225), 210);
        assert_eq!(count(30, 225), 180);
        assert_eq!(count(150, 225), 75);
        assert_eq!(count(0, 60), 60);
        assert!(times(starts, ends, Some(ends), None).is_err());
        assert!(times(starts, ends, Some(starts + TimeDelta::minutes(10)), None).is_ok());
    }

    #[test]
    fn a_statement_counts_once_it_is_confirmed() {
        assert_eq!(counted(210, "trainer_statement", false), 0);
        assert_eq!(counted(210, "trainer_statement", true), 210);
        assert_eq!(counted(210, "signed", false), 210);
        assert!(stated("", Proof::TrainerStatement, 210, Some(Statement::Forgot), Some("Partie en courant")).is_ok());
        assert!(stated("", Proof::TrainerStatement, 210, Some(Statement::Forgot), None).is_err());
        assert!(stated("", Proof::TrainerStatement, 0, None, None).is_ok());
    }

    proptest! {
        #[test]
        fn minutes_between_never_leave_the_half_day(from in -60..300_i64, to in -60..300_i64, pause in 0..60_i32) {
            let (starts, ends) = (noon() - TimeDelta::minutes(210), noon());
            let minutes =
                minutes_between(starts, ends, pause, starts + TimeDelta::minutes(from), starts + TimeDelta::minutes(to));
            prop_assert!((0..=210 - pause).contains(&minutes));
        }

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
            let line = Line { who: Uuid::from_u128(1), trainer: false, presence: Presence::Partial, minutes, proof: Proof::Paper, recorded_at: noon(), evidence: None, confirmed: false };
            let other = Line { minutes: minutes + delta, ..line.clone() };
            let slot = Uuid::from_u128(2);
            let both = [line.clone(), Line { who: Uuid::from_u128(3), ..line.clone() }];
            let turned = [both[1].clone(), both[0].clone()];
            prop_assert_eq!(digest(slot, &both), digest(slot, &turned));
            prop_assert_ne!(digest(slot, &[line]), digest(slot, &[other]));
        }
    }
}
