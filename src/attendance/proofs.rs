//! Issue the papers that prove more than a certificate does: distance records, attestations d'assiduité, evidence of a
//! signature.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{booking, client, enrolment, session, session_slot};
use poem_openapi::Object;
use uuid::Uuid;
use validator::Validate;

use super::{
    assiduity, distance_record,
    distance_record::{Connection, Slot, Stretch, merged},
    issue::about,
    roll::{Trainee, trainees},
    signature_evidence,
};
use crate::{
    document::{About, Issued, Kind, issue},
    organisation::{issuer, signatory_for},
    platform::{
        access::Ctx,
        calendar,
        error::{Error, Fault, Result},
        money::Minutes,
        scope::Scope,
        tx::Tx,
    },
    session::{distance, is_distance, minutes_of, slots_of_session, trainers_of},
};

/// From when to when a trainee was connected to a half-day at a distance.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewConnection {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// The half-day, one at a distance.
    pub slot_id: Uuid,
    /// When they joined.
    pub joined_at: DateTime<Utc>,
    /// When they left.
    pub left_at: DateTime<Utc>,
    /// Which log says so (journal): the tool, the room.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub source: String,
}

/// A distance record (relevé de connexion et de suivi à distance) to issue.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewDistanceRecord {
    /// Only the trainees of this booking; all of the session when absent.
    pub booking_id: Option<Uuid>,
    /// What the logs say; overlapping connections of one person count once.
    #[oai(validator(max_items = 20000))]
    #[validate(nested)]
    pub connections: Vec<NewConnection>,
}

/// An attestation d'assiduité to issue.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewAssiduity {
    /// First day of the period; the trainee's first half-day when absent.
    pub from: Option<NaiveDate>,
    /// Last day of the period; the trainee's last half-day when absent.
    pub to: Option<NaiveDate>,
    /// The signatory of the cooperative; whoever may sign these when absent.
    pub signatory_id: Option<Uuid>,
}

/// Issue a distance record, as part of a larger act.
pub async fn issue_distance_record(tx: &mut Tx<'_>, session: Uuid, of: NewDistanceRecord) -> Result<Issued> {
    let NewDistanceRecord { booking_id, connections } = of;
    let session = tx.scope().get::<session::Entity>(session).await?;
    let booking = tx.scope().maybe::<booking::Entity>(booking_id).await?;
    if booking.as_ref().is_some_and(|row| row.session_id != session.id) {
        return Err(Error::Missing("booking"));
    }
    let mut slots = slots_of_session(&tx.scope(), session.id).await?;
    slots.retain(is_distance);
    if slots.is_empty() {
        return Err(Error::refused(
            "distance.no_slot",
            "Cette session n’a aucune demi-journée à distance.",
            "This session has no half-day at a distance.",
        ));
    }
    let roll = trainees(&tx.scope(), session.id, None).await?;
    check(&tx.scope(), &roll, &slots, &connections).await?;
    let of_booking = |one: &&Trainee| booking.as_ref().is_none_or(|row| row.id == one.enrolment.booking_id);
    let roll: Vec<&Trainee> = roll.iter().filter(of_booking).collect();
    let day = tx.today();
    let content = record(&tx.scope(), &session, booking.as_ref(), (&slots, &roll, connections), day).await?;
    let title = format!("Relevé de connexion et de suivi à distance – {}", session.title);
    let about = About {
        client: booking.as_ref().map(|row| row.client_id),
        session: Some(session.id),
        booking: booking.map(|row| row.id),
        ..About::default()
    };
    issue(tx, session.activity_id, Kind::DistanceRecord, &title, about, &content).await
}

/// Faults of a journal that are told at once.
const MOST_FAULTS: usize = 100;

/// Each connection is of a trainee of the session, on one of its half-days at a distance, and ends after it begins.
async fn check(
    scope: &Scope<'_>,
    roll: &[Trainee],
    slots: &[session_slot::Model],
    connections: &[NewConnection],
) -> Result<()> {
    let (slots, roll): (HashSet<Uuid>, HashSet<Uuid>) =
        (slots.iter().map(|slot| slot.id).collect(), roll.iter().map(|one| one.enrolment.id).collect());
    let mut faults = vec![];
    for (index, one) in connections.iter().enumerate() {
        // Whoever sends a journal of something else is told soon enough.
        if faults.len() >= MOST_FAULTS {
            break;
        }
        if !slots.contains(&one.slot_id) {
            scope.get::<session_slot::Entity>(one.slot_id).await?;
            faults.push(Fault::new(
                format!("/connections/{index}/slot_id"),
                "distance.not_distance",
                "Cette demi-journée n’est pas une demi-journée à distance de cette session.",
                "This half-day is not one at a distance of this session.",
            ));
        }
        if !roll.contains(&one.enrolment_id) {
            scope.get::<enrolment::Entity>(one.enrolment_id).await?;
            faults.push(Fault::new(
                format!("/connections/{index}/enrolment_id"),
                "distance.not_trainee",
                "Cette personne n’est pas stagiaire de cette session.",
                "This person is not a trainee of this session.",
            ));
        }
        if one.left_at < one.joined_at {
            faults.push(Fault::new(
                format!("/connections/{index}/left_at"),
                "distance.order",
                "Le départ précède l’arrivée.",
                "The end is before the beginning.",
            ));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// What the record prints.
async fn record(
    scope: &Scope<'_>,
    session: &session::Model,
    booking: Option<&booking::Model>,
    (slots, roll, connections): (&[session_slot::Model], &[&Trainee], Vec<NewConnection>),
    day: NaiveDate,
) -> Result<distance_record::Content> {
    let mut by_place: HashMap<(Uuid, Uuid), Vec<Stretch>> = HashMap::new();
    for NewConnection { enrolment_id, slot_id, joined_at, left_at, source } in connections {
        let stretch = Stretch { joined: joined_at, left: left_at, source };
        by_place.entry((enrolment_id, slot_id)).or_default().push(stretch);
    }
    let employers = super::sheet::employers(scope, session.id).await?;
    let client = match booking {
        Some(row) => Some(scope.get::<client::Entity>(row.client_id).await?.name),
        None => None,
    };
    let local = |instant| calendar::local(instant).time();
    let mut rows = vec![];
    for one in roll {
        let mut connections = vec![];
        for slot in slots.iter().filter(|slot| one.follows(slot.id)) {
            for stretch in merged(by_place.remove(&(one.enrolment.id, slot.id)).unwrap_or_default()) {
                connections.push(Connection {
                    day: slot.day,
                    joined: local(stretch.joined),
                    left: local(stretch.left),
                    minutes: stretch.inside(slot.starts_at, slot.ends_at),
                    source: stretch.source,
                });
            }
        }
        let connected = Minutes(connections.iter().map(|one| one.minutes.0).fold(0, i32::saturating_add));
        let employer = employers.get(&one.enrolment.booking_id);
        rows.push(distance_record::Trainee {
            name: one.name.clone(),
            detail: employer.filter(|_| client.is_none()).cloned().unwrap_or_default(),
            connections,
            connected,
        });
    }
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    Ok(distance_record::Content {
        issuer: issuer(scope, session.activity_id, day).await?,
        title: session.title.clone(),
        session: session.reference.clone(),
        client,
        trainers: trainers_of(scope, &ids).await?.into_iter().map(|(_, name)| name).collect(),
        slots: slots
            .iter()
            .map(|slot| Slot {
                day: slot.day,
                from: local(slot.starts_at),
                to: local(slot.ends_at),
                minutes: minutes_of(slot),
            })
            .collect(),
        distance: distance(scope, session, slots).await?,
        trainees: rows,
        day,
    })
}

/// Issue an attestation d'assiduité, as part of a larger act.
pub async fn issue_assiduity(tx: &mut Tx<'_>, enrolment: &enrolment::Model, of: NewAssiduity) -> Result<Issued> {
    let NewAssiduity { from, to, signatory_id } = of;
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(Error::invalid(
            "/to",
            "dates.order",
            format!("La fin ({}) précède le début ({}).", calendar::date(to), calendar::date(from)),
            format!("The end ({to}) is before the beginning ({from})."),
        ));
    }
    let day = tx.today();
    let signatory = match signatory_for(&tx.scope(), signatory_id, Kind::Assiduity.name(), None, day).await {
        Ok(row) => Some(row),
        // Nobody has that delegation: the frame is left to be signed. Somebody who is named must have it.
        Err(Error::Refused(_)) if signatory_id.is_none() => None,
        Err(other) => return Err(other),
    };
    let content = assiduity::content(&tx.scope(), enrolment, (from, to), signatory, day).await?;
    let title = format!("Attestation d’assiduité – {}", content.trainee);
    let whole = from.is_none() && to.is_none();
    let days = (!whole).then_some((content.first_day, content.last_day));
    let about = About { days, ..about(&tx.scope(), enrolment).await? };
    issue(tx, enrolment.activity_id, Kind::Assiduity, &title, about, &content).await
}

/// Issue the evidence of a signature, as part of a larger act: `about` names the mark, and the trainee's rows if any.
pub async fn issue_signature_evidence(
    tx: &mut Tx<'_>,
    activity: Uuid,
    about: About,
    content: &signature_evidence::Content,
) -> Result<Issued> {
    let title = format!("Fiche de preuve – {}, {}", content.signer.name, calendar::date(content.slot.day));
    issue(tx, activity, Kind::SignatureEvidence, &title, about, content).await
}

/// Issue a distance record.
pub async fn record_distance(ctx: &mut Ctx, session: Uuid, of: NewDistanceRecord) -> Result<Issued> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let issued = issue_distance_record(&mut tx, session.id, of).await?;
    issued.answered(&mut tx);
    tx.commit().await?;
    Ok(issued)
}

/// Issue an attestation d'assiduité.
pub async fn attest_assiduity(ctx: &mut Ctx, enrolment: Uuid, of: NewAssiduity) -> Result<Issued> {
    let mut tx = ctx.begin().await?;
    let enrolment = tx.lock::<enrolment::Entity>(enrolment).await?;
    let issued = issue_assiduity(&mut tx, &enrolment, of).await?;
    issued.answered(&mut tx);
    tx.commit().await?;
    Ok(issued)
}
