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
    attendance::attended,
    catalogue,
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
        for row in trainers.values() {
            let accredited =
                row.accredited_from.is_some_and(|from| from <= first) && row.accredited_to.is_none_or(|to| to >= first);
            if !accredited {
                not_accredited.push((name_of(&scope.get::<person::Entity>(row.person_id).await?), row.id));
            }
        }
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
        waits: waits(&scope, id, &slot_ids).await?,
    })
}

async fn bookings(scope: &Scope<'_>, session: Uuid) -> Result<Vec<BookingFacts>> {
    let rows = scope
        .find::<booking::Entity>()
        .filter(booking::Column::SessionId.eq(session))
        .ascending(booking::Column::Id)
        .all()
        .await?;
    let mut facts = vec![];
    for row in rows {
        let latest_approval = scope
            .find::<approval::Entity>()
            .filter(approval::Column::BookingId.eq(row.id))
            .descending(approval::Column::Id)
            .one()
            .await?;
        let latest_agreement = scope
            .find::<agreement::Entity>()
            .filter(agreement::Column::BookingId.eq(row.id))
            .filter(agreement::Column::State.ne("void"))
            .descending(agreement::Column::Id)
            .one()
            .await?;
        let open_amendment = match &latest_agreement {
            Some(agreement) => {
                scope
                    .find::<amendment::Entity>()
                    .filter(amendment::Column::AgreementId.eq(agreement.id))
                    .filter(amendment::Column::State.eq("proposed"))
                    .one()
                    .await?
            }
            None => None,
        };
        let awaited = match latest_agreement.as_ref().and_then(|agreement| agreement.document_id) {
            Some(document) => signature::pending(scope, document).await?,
            None => vec![],
        };
        let client = scope.get::<client::Entity>(row.client_id).await?;
        facts.push(BookingFacts {
            awaited,
            accreditation_overridden: row.accreditation_override.is_some(),
            order_missing: client.purchase_order_required && row.order_reference.is_none(),
            amendment: open_amendment.map(|row| (row.id, row.document_id.is_some())),
            trainees: trainees(scope, row.id).await?,
            funding: funding(scope, row.id).await?,
            id: row.id,
            reference: row.reference,
            state: row.state,
            approval: latest_approval.map(|approval| approval.state),
            agreement: latest_agreement.map(|agreement| (agreement.id, agreement.state)),
        });
    }
    Ok(facts)
}

async fn trainees(scope: &Scope<'_>, booking: Uuid) -> Result<Vec<TraineeFacts>> {
    let rows = scope.find::<enrolment::Entity>().filter(enrolment::Column::BookingId.eq(booking)).all().await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let informed: HashSet<Uuid> = scope
        .find::<information_pack::Entity>()
        .filter(information_pack::Column::EnrolmentId.is_in(ids.iter().copied()))
        .all()
        .await?
        .into_iter()
        .map(|pack| pack.enrolment_id)
        .collect();
    let evaluated: HashSet<Uuid> = scope
        .find::<objective_result::Entity>()
        .filter(objective_result::Column::EnrolmentId.is_in(ids.iter().copied()))
        .filter(objective_result::Column::After.is_not_null())
        .all()
        .await?
        .into_iter()
        .map(|result| result.enrolment_id)
        .collect();
    let mut papers: HashMap<String, HashSet<Uuid>> = HashMap::new();
    let current = scope
        .find::<document::Entity>()
        .filter(document::Column::EnrolmentId.is_in(ids))
        .filter(document::Column::State.eq("current"))
        .all()
        .await?;
    for paper in current {
        papers.entry(paper.kind).or_default().extend(paper.enrolment_id);
    }
    let has = |kind: &str, id: Uuid| papers.get(kind).is_some_and(|set| set.contains(&id));
    let mut facts = vec![];
    for row in rows {
        facts.push(TraineeFacts {
            informed: informed.contains(&row.id) || row.pack_override.is_some(),
            evaluated: evaluated.contains(&row.id),
            certified: has("certificate", row.id),
            attested: has("attestation", row.id),
            attended: attended(scope, &row).await?.minutes.0,
            state: row.state,
        });
    }
    Ok(facts)
}

async fn funding(scope: &Scope<'_>, booking: Uuid) -> Result<Vec<FundingFacts>> {
    let rows = scope.find::<funding_file::Entity>().filter(funding_file::Column::BookingId.eq(booking)).all().await?;
    let mut facts = vec![];
    for row in rows {
        let funder = scope.get::<funder::Entity>(row.funder_id).await?;
        let pieces =
            scope.find::<funding_piece::Entity>().filter(funding_piece::Column::FundingFileId.eq(row.id)).all().await?;
        facts.push(FundingFacts {
            id: row.id,
            state: row.state,
            funder: funder.name,
            pieces_deadline: row.pieces_deadline,
            pieces_sent: pieces.iter().any(|piece| piece.provided_on.is_some()),
        });
    }
    Ok(facts)
}
