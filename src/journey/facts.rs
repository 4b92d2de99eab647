//! Gather the facts of a session for its list of what is missing.

use std::collections::{HashMap, HashSet};

use entity::{
    agreement, amendment, approval, attendance_sheet, booking, client, document, enrolment, funder, funding_file,
    funding_piece, information_pack, objective_result, organisation, person, programme_version, session, slot_trainer,
    trainer,
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    todo::{BookingFacts, Facts, FundingFacts, SlotFacts, TraineeFacts},
    waits::waits,
};
use crate::{
    attendance::attended_by,
    catalogue,
    document::Kind,
    message::unsent,
    people::name_of,
    platform::{
        access::Ctx,
        error::{Error, Result},
        scope::Scope,
    },
    session::{SessionKind, minutes_of, slots_of_session},
    signature,
};

/// Everything that the list of a session looks at.
pub async fn gather(ctx: &Ctx, id: Uuid) -> Result<Facts> {
    let scope = ctx.scope();
    let session = scope.get::<session::Entity>(id).await?;
    let version = scope.get::<programme_version::Entity>(session.programme_version_id).await?;
    let settings =
        scope.find::<organisation::Entity>().one().await?.ok_or_else(|| Error::internal("no settings row"))?;
    let slots = slots_of_session(&scope, id).await?;
    let slot_ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    let teaching = scope
        .find::<slot_trainer::Entity>()
        .filter(slot_trainer::Column::SlotId.is_in(slot_ids.iter().copied()))
        .all()
        .await?;
    let taught: HashSet<Uuid> = teaching.iter().map(|row| row.slot_id).collect();
    let closed: HashSet<Uuid> = scope
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.is_in(slot_ids.iter().copied()))
        .filter(attendance_sheet::Column::State.eq("closed"))
        .all()
        .await?
        .into_iter()
        .map(|sheet| sheet.slot_id)
        .collect();
    let now = ctx.now();
    let slot_facts = slots
        .iter()
        .map(|slot| SlotFacts {
            id: slot.id,
            day: slot.day,
            minutes: minutes_of(slot).0,
            has_trainer: taught.contains(&slot.id),
            over: slot.ends_at <= now,
            closed: closed.contains(&slot.id),
        })
        .collect();
    let trainers = scope.map::<trainer::Entity>(teaching.iter().map(|row| row.trainer_id)).await?;
    let mut not_accredited = vec![];
    if let Some(first) = slots.first().map(|slot| slot.day) {
        let accredited = |row: &trainer::Model| {
            row.accredited_from.is_some_and(|from| from <= first) && row.accredited_to.is_none_or(|to| to >= first)
        };
        let people = scope.map::<person::Entity>(trainers.values().map(|row| row.person_id)).await?;
        let without = trainers.values().filter(|row| !accredited(row));
        not_accredited.extend(without.map(|row| (people.get(&row.person_id).map(name_of).unwrap_or_default(), row.id)));
    }
    not_accredited.sort();
    Ok(Facts {
        session: id,
        state: session.state,
        received: session.kind == SessionKind::Received.name(),
        today: ctx.today(),
        convocation_days: settings.convocation_days.into(),
        approval_required: settings.approval_required,
        programme_minutes: catalogue::content(&version)?.duration_minutes.unwrap_or_default(),
        slots: slot_facts,
        bookings: bookings(&scope, id).await?,
        convoked: session.convoked_at.is_some(),
        not_accredited,
        unsent: unsent(&scope, id).await?,
        waits: waits(&scope, id, &slot_ids).await?,
    })
}

/// What a session was sold as, each booking with its trainees and files: one query a table, however many there are.
async fn bookings(scope: &Scope<'_>, session: Uuid) -> Result<Vec<BookingFacts>> {
    let rows = scope
        .find::<booking::Entity>()
        .filter(booking::Column::SessionId.eq(session))
        .ascending(booking::Column::Id)
        .all()
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    // The latest of each comes last, and stays.
    let approvals: HashMap<Uuid, approval::Model> = scope
        .find::<approval::Entity>()
        .filter(approval::Column::BookingId.is_in(ids.iter().copied()))
        .ascending(approval::Column::Id)
        .all()
        .await?
        .into_iter()
        .map(|row| (row.booking_id, row))
        .collect();
    let agreements: HashMap<Uuid, agreement::Model> = scope
        .find::<agreement::Entity>()
        .filter(agreement::Column::BookingId.is_in(ids.iter().copied()))
        .filter(agreement::Column::State.ne("void"))
        .ascending(agreement::Column::Id)
        .all()
        .await?
        .into_iter()
        .map(|row| (row.booking_id, row))
        .collect();
    let amendments: HashMap<Uuid, amendment::Model> = scope
        .find::<amendment::Entity>()
        .filter(amendment::Column::AgreementId.is_in(agreements.values().map(|row| row.id)))
        .filter(amendment::Column::State.eq("proposed"))
        .all()
        .await?
        .into_iter()
        .map(|row| (row.agreement_id, row))
        .collect();
    let papers: Vec<Uuid> = agreements.values().filter_map(|row| row.document_id).collect();
    let mut awaited = signature::pending(scope, &papers).await?;
    let clients = scope.map::<client::Entity>(rows.iter().map(|row| row.client_id)).await?;
    let mut trainees = trainees(scope, &ids).await?;
    let mut funding = funding(scope, &ids).await?;
    let facts = rows.into_iter().map(|row| {
        let agreement = agreements.get(&row.id);
        let amendment = agreement.and_then(|agreement| amendments.get(&agreement.id));
        let client = clients.get(&row.client_id);
        BookingFacts {
            awaited: agreement.and_then(|row| awaited.remove(&row.document_id?)).unwrap_or_default(),
            accreditation_overridden: row.accreditation_override.is_some(),
            order_missing: client.is_some_and(|client| client.purchase_order_required) && row.order_reference.is_none(),
            amendment: amendment.map(|row| (row.id, row.document_id.is_some())),
            trainees: trainees.remove(&row.id).unwrap_or_default(),
            funding: funding.remove(&row.id).unwrap_or_default(),
            approval: approvals.get(&row.id).map(|approval| approval.state.clone()),
            agreement: agreement.map(|agreement| (agreement.id, agreement.state.clone())),
            id: row.id,
            reference: row.reference,
            state: row.state,
        }
    });
    Ok(facts.collect())
}

async fn trainees(scope: &Scope<'_>, bookings: &[Uuid]) -> Result<HashMap<Uuid, Vec<TraineeFacts>>> {
    let of = enrolment::Column::BookingId.is_in(bookings.iter().copied());
    let rows = scope.find::<enrolment::Entity>().filter(of).all().await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let informed: HashSet<Uuid> = scope
        .find::<information_pack::Entity>()
        .filter(information_pack::Column::EnrolmentId.is_in(ids.iter().copied()))
        .distinct(information_pack::Column::EnrolmentId)
        .await?
        .into_iter()
        .collect();
    let evaluated: HashSet<Uuid> = scope
        .find::<objective_result::Entity>()
        .filter(objective_result::Column::EnrolmentId.is_in(ids.iter().copied()))
        .filter(objective_result::Column::After.is_not_null())
        .distinct(objective_result::Column::EnrolmentId)
        .await?
        .into_iter()
        .collect();
    let certified = holders(scope, &ids, Kind::Certificate).await?;
    let attested = holders(scope, &ids, Kind::Attestation).await?;
    let convoked = holders(scope, &ids, Kind::Convocation).await?;
    let counted = attended_by(scope, &rows).await?;
    let mut facts: HashMap<Uuid, Vec<TraineeFacts>> = HashMap::new();
    for row in rows {
        facts.entry(row.booking_id).or_default().push(TraineeFacts {
            informed: informed.contains(&row.id) || row.pack_override.is_some(),
            evaluated: evaluated.contains(&row.id),
            certified: certified.contains(&row.id),
            attested: attested.contains(&row.id),
            convoked: convoked.contains(&row.id),
            attended: counted.get(&row.id).map_or(0, |all| all.minutes.0),
            state: row.state,
        });
    }
    Ok(facts)
}

/// Those of these trainees about whom a paper of this kind stands.
async fn holders(scope: &Scope<'_>, enrolments: &[Uuid], kind: Kind) -> Result<HashSet<Uuid>> {
    let found = scope
        .find::<document::Entity>()
        .filter(document::Column::EnrolmentId.is_in(enrolments.iter().copied()))
        .filter(document::Column::Kind.eq(kind.name()))
        .filter(document::Column::State.eq("current"))
        .distinct(document::Column::EnrolmentId)
        .await?;
    Ok(found.into_iter().collect())
}

async fn funding(scope: &Scope<'_>, bookings: &[Uuid]) -> Result<HashMap<Uuid, Vec<FundingFacts>>> {
    let of = funding_file::Column::BookingId.is_in(bookings.iter().copied());
    let rows = scope.find::<funding_file::Entity>().filter(of).all().await?;
    let named = funder::Column::Id.is_in(rows.iter().map(|row| row.funder_id));
    let funders = scope.find::<funder::Entity>().filter(named).all().await?;
    let funders: HashMap<Uuid, String> = funders.into_iter().map(|row| (row.id, row.name)).collect();
    let sent: HashSet<Uuid> = scope
        .find::<funding_piece::Entity>()
        .filter(funding_piece::Column::FundingFileId.is_in(rows.iter().map(|row| row.id)))
        .filter(funding_piece::Column::ProvidedOn.is_not_null())
        .distinct(funding_piece::Column::FundingFileId)
        .await?
        .into_iter()
        .collect();
    let mut facts: HashMap<Uuid, Vec<FundingFacts>> = HashMap::new();
    for row in rows {
        facts.entry(row.booking_id).or_default().push(FundingFacts {
            pieces_sent: sent.contains(&row.id),
            funder: funders.get(&row.funder_id).cloned().unwrap_or_default(),
            id: row.id,
            state: row.state,
            pieces_deadline: row.pieces_deadline,
        });
    }
    Ok(facts)
}
