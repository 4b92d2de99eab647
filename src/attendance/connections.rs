//! Bring a log of connections: minutes per trainee of a half-day at a distance, first as a dry run, then as marks whose
//! proof is the connection. Whoever cannot be told apart is reported, never guessed.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{connection, person, session_slot};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    apply::{Why, apply},
    connection_log::{self, LogFormat, Stay, Unread, covered},
    events::Event,
    log_names::{Expected, Names},
    record::{Said, locked},
    roll::{Records, Trainee, records, trainees},
    words::{Presence, Proof},
};
use crate::{
    platform::{
        access::Ctx,
        error::{Error, Result},
        money::Minutes,
        permission::OverridesGrant,
        text::fold,
        tx::Tx,
    },
    session::{is_distance, minutes_of},
    words,
};

words! {
    /// How a line of a log found its trainee, or why it did not.
    pub enum Matched {
        /// By e-mail address.
        Email = "email",
        /// By name.
        Name = "name",
        /// As the call says.
        Told = "told",
        /// Several trainees answer to it: say which.
        Ambiguous = "ambiguous",
        /// No trainee who is expected answers to it.
        Unknown = "unknown",
    }
}

/// Which trainee a name of the log is.
#[derive(Debug, Clone, Object, Validate)]
pub struct NamedInLog {
    /// The name or the address, as the log writes it.
    #[oai(validator(min_length = 1, max_length = 254))]
    pub who: String,
    /// The trainee.
    pub enrolment_id: Uuid,
}

/// A log to bring.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewConnections {
    /// How it is written.
    pub format: LogFormat,
    /// The log itself.
    #[oai(validator(min_length = 1, max_length = 400000))]
    pub content: String,
    /// Read and compare, write nothing.
    pub dry_run: bool,
    /// Who those are whom the log does not tell apart.
    #[oai(validator(max_items = 200))]
    #[validate(nested)]
    pub people: Option<Vec<NamedInLog>>,
    /// Why, when the half-day is closed already: its sheet shows it.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: Option<String>,
}

/// A line of the log.
#[derive(Debug, Clone, Object)]
pub struct LogLine {
    /// Its place in the log, from 1.
    pub line: i32,
    /// The name or address in the log.
    pub who: String,
    /// When they joined.
    pub joined_at: DateTime<Utc>,
    /// When they left.
    pub left_at: DateTime<Utc>,
    /// How it found its trainee, or why it did not.
    pub matched: Matched,
    /// The trainee.
    pub enrolment_id: Option<Uuid>,
}

/// A line that cannot be read.
#[derive(Debug, Clone, Object)]
pub struct LogFault {
    /// Its place in the log, from 1.
    pub line: i32,
    /// What is wrong with it.
    pub detail: String,
}

/// What the log says of a trainee.
#[derive(Debug, Clone, Object)]
pub struct Connected {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name.
    pub name: String,
    /// Minutes connected during the half-day; at the same time counts once.
    pub minutes: i32,
    /// The presence that it makes.
    pub presence: Presence,
    /// Whether it becomes their mark: what is signed stays, what says absent is for somebody to decide.
    pub counts: bool,
    /// Why it does not.
    pub why_not: Option<String>,
}

/// What bringing a log does, or would do.
#[derive(Debug, Clone, Object)]
pub struct ConnectionReport {
    /// The half-day.
    pub slot_id: Uuid,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The lines that could be read.
    pub lines: Vec<LogLine>,
    /// The lines that could not: the first hundred, then how many more.
    pub faults: Vec<LogFault>,
    /// The trainees whom the log names.
    pub trainees: Vec<Connected>,
    /// The trainees who are expected and whom the log does not name.
    pub missing: Vec<String>,
}

/// Bring a log.
pub async fn bring(ctx: &mut Ctx, slot: Uuid, input: NewConnections) -> Result<ConnectionReport> {
    let NewConnections { format, content, dry_run, people, reason } = input;
    let cooperative = ctx.may::<OverridesGrant>();
    // A log may hold many thousands of lines: it is read, and its names are folded, before anybody has to wait.
    let day = ctx.scope().get::<session_slot::Entity>(slot).await?.day;
    let reading = ctx.app().heavy(move || {
        let log = connection_log::read(format, &content, day);
        let names = Names::of(&log.stays);
        (log, names)
    });
    let (log, names) = reading.await?;
    let mut tx = ctx.begin().await?;
    let (session, slot) = locked(&tx, slot, true).await?;
    if slot.day != day {
        // It was moved meanwhile: times without a day are of another one.
        return Err(Error::Busy);
    }
    if !is_distance(&slot) {
        return Err(Error::refused(
            "attendance.not_distance",
            "Cette demi-journée n’est pas à distance : aucune connexion ne la prouve.",
            "This half-day is not at a distance: no connection proves it.",
        ));
    }
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let told = told(&tx, &roll, &slot, people.unwrap_or_default()).await?;
    let lines = matched(&tx, &roll, &slot, (log.stays, &names), told).await?;
    let known = records(&tx.scope(), std::slice::from_ref(&slot)).await?;
    let connected = connected(&roll, &slot, &known, &lines)?;
    let seen: HashSet<Uuid> = connected.iter().map(|one| one.enrolment_id).collect();
    let missing = roll
        .iter()
        .filter(|one| one.expected(slot.id) && !seen.contains(&one.enrolment.id))
        .map(|one| one.name.clone())
        .collect();
    let report =
        ConnectionReport { slot_id: slot.id, dry_run, faults: faults(log.unread), lines, trainees: connected, missing };
    if dry_run {
        return Ok(report);
    }
    if report.trainees.is_empty() {
        return Err(Error::refused(
            "attendance.nothing_connected",
            "Ce relevé ne nomme aucune personne attendue : vérifiez-le par un essai (« dry_run »).",
            "This log names nobody who is expected: check it by a dry run.",
        ));
    }
    if known.state(slot.id) == super::words::SheetState::Closed && reason.is_none() {
        return Err(Error::refused(
            "attendance.slot_closed",
            "Cette demi-journée est close : donnez un motif pour la corriger par ce relevé.",
            "This half-day is closed: give a reason to correct it by this log.",
        ));
    }
    keep(&mut tx, &slot, format, &report.lines).await?;
    let said: HashMap<Uuid, Said> =
        report.trainees.iter().filter(|one| one.counts).map(|one| (one.enrolment_id, said(one))).collect();
    if !said.is_empty() {
        let event = Event::Recorded { slot: slot.id, session: session.id };
        let why = Why { reason: reason.unwrap_or_else(|| "relevé de connexion".into()), cooperative };
        apply(&mut tx, session, &slot, &roll, event, said, why).await?;
    }
    tx.answers_at(format!("/v1/slots/{}/attendance", slot.id), 200);
    tx.commit().await?;
    Ok(report)
}

/// Lines that cannot be read, told one by one as long as somebody would read that.
const MOST_FAULTS: usize = 100;

fn faults(unread: Vec<Unread>) -> Vec<LogFault> {
    let more = unread.len().saturating_sub(MOST_FAULTS);
    let next = unread.get(MOST_FAULTS).map(|one| LogFault {
        line: one.line,
        detail: if more == 1 {
            "cette ligne non plus ne se lit pas".to_owned()
        } else {
            format!("à partir d’ici, {more} lignes de plus ne se lisent pas")
        },
    });
    let told = unread.into_iter().take(MOST_FAULTS).map(|one| LogFault { line: one.line, detail: one.why });
    told.chain(next).collect()
}

fn said(one: &Connected) -> Said {
    Said {
        presence: one.presence,
        minutes: one.minutes,
        proof: Proof::Connection,
        reason: None,
        statement: None,
        evidence: None,
        paper: None,
    }
}

async fn told(
    tx: &Tx<'_>,
    roll: &[Trainee],
    slot: &session_slot::Model,
    people: Vec<NamedInLog>,
) -> Result<HashMap<String, Uuid>> {
    let mut told = HashMap::new();
    for (index, NamedInLog { who, enrolment_id }) in people.into_iter().enumerate() {
        tx.scope().get::<entity::enrolment::Entity>(enrolment_id).await?;
        if !roll.iter().any(|one| one.enrolment.id == enrolment_id && one.expected(slot.id)) {
            return Err(Error::invalid(
                format!("/people/{index}/enrolment_id"),
                "attendance.not_expected",
                "Cette personne n’est pas attendue sur cette demi-journée.",
                "This person is not expected on this half-day.",
            ));
        }
        told.insert(fold(&who), enrolment_id);
    }
    Ok(told)
}

/// The lines of a log, each with its trainee or why it has none.
async fn matched(
    tx: &Tx<'_>,
    roll: &[Trainee],
    slot: &session_slot::Model,
    (stays, names): (Vec<Stay>, &Names),
    told: HashMap<String, Uuid>,
) -> Result<Vec<LogLine>> {
    let expected = || roll.iter().filter(|one| one.expected(slot.id));
    let people = tx.scope().map::<person::Entity>(expected().map(|one| one.enrolment.person_id)).await?;
    let found = Expected::on(expected(), &people, told).find(names);
    let line = |(stay, (matched, enrolment_id)): (Stay, _)| {
        let Stay { line, name, email, joined, left } = stay;
        let who = if name.is_empty() { email.unwrap_or_default() } else { name };
        LogLine { line, who, joined_at: joined, left_at: left, matched, enrolment_id }
    };
    Ok(stays.into_iter().zip(found).map(line).collect())
}

/// From an arrival to a departure.
type Stretch = (DateTime<Utc>, DateTime<Utc>);

fn connected(
    roll: &[Trainee],
    slot: &session_slot::Model,
    known: &Records,
    lines: &[LogLine],
) -> Result<Vec<Connected>> {
    let mut by: BTreeMap<Uuid, Vec<Stretch>> = BTreeMap::new();
    for line in lines {
        if let Some(id) = line.enrolment_id {
            by.entry(id).or_default().push((line.joined_at, line.left_at));
        }
    }
    let length = minutes_of(slot);
    let mut found = vec![];
    for one in roll {
        let Some(stays) = by.remove(&one.enrolment.id) else { continue };
        let minutes = covered(slot.starts_at, slot.ends_at, slot.break_minutes, stays);
        let mark = known.mark(slot.id, one.enrolment.id);
        let proof = mark.map(|mark| Proof::of(&mark.proof)).transpose()?;
        let why_not = match (proof, mark.is_some_and(|mark| mark.minutes > 0)) {
            _ if minutes == 0 => Some("aucune minute pendant la demi-journée".to_owned()),
            (Some(Proof::Signed | Proof::Paper), true) => Some("présence déjà signée".to_owned()),
            (Some(_), false) => Some("noté(e) absent(e) : à corriger d’abord".to_owned()),
            (Some(Proof::Connection | Proof::TrainerStatement), true) | (None, _) => None,
        };
        found.push(Connected {
            enrolment_id: one.enrolment.id,
            name: one.name.clone(),
            minutes,
            presence: match Minutes(minutes) {
                Minutes(0) => Presence::Absent,
                all if all == length => Presence::Present,
                _ => Presence::Partial,
            },
            counts: why_not.is_none(),
            why_not,
        });
    }
    Ok(found)
}

/// Stays that one act writes: an entry of the audit can be read.
const STAYS_AN_ACT: usize = 500;

/// Keep the stays: one that is there already, from the same instant, stays as it is.
async fn keep(tx: &mut Tx<'_>, slot: &session_slot::Model, format: LogFormat, lines: &[LogLine]) -> Result<()> {
    let mut seen: HashSet<(Uuid, DateTime<Utc>)> = tx
        .scope()
        .find::<connection::Entity>()
        .filter(connection::Column::SlotId.eq(slot.id))
        .all()
        .await?
        .into_iter()
        .map(|row| (row.enrolment_id, row.joined_at))
        .collect();
    let (now, actor) = (tx.now(), tx.actor().to_owned());
    let source = match format {
        LogFormat::BigBlueButton => "BigBlueButton",
        LogFormat::Csv => "journal importé",
    };
    let new: Vec<connection::ActiveModel> = lines
        .iter()
        .filter_map(|line| Some((line, line.enrolment_id?)))
        .filter(|(line, enrolment)| seen.insert((*enrolment, line.joined_at)))
        .map(|(line, enrolment)| connection::ActiveModel {
            slot_id: Set(slot.id),
            enrolment_id: Set(enrolment),
            source: Set(source.into()),
            joined_at: Set(line.joined_at),
            left_at: Set(line.left_at),
            imported_by: Set(actor.clone()),
            imported_at: Set(now),
            ..Default::default()
        })
        .collect();
    let event = || Event::ConnectionsImported { slot: slot.id, session: slot.session_id };
    if new.is_empty() {
        tx.act(slot.activity_id, event().into());
    }
    for some in new.chunks(STAYS_AN_ACT) {
        tx.act(slot.activity_id, event().into()).insert_all(some.to_vec()).await?;
    }
    Ok(())
}
