//! The steps of a file: filed, decided, withdrawn, invoiced, paid.

use chrono::NaiveDate;
use entity::{booking, funding_file, session};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;
use validator::Validate;

use super::{
    dossier::{FundingFileOut, covered, shown_one},
    events::Event,
    rules::{self, Step, advance},
    words::{Decision, State},
};
use crate::{
    attendance::attended_by,
    platform::{
        access::Ctx,
        calendar::date,
        error::{Error, Result},
        permission::OverridesGrant,
        tx::Tx,
    },
};

/// When a file went to its funder.
#[derive(Debug, Clone, Object, Validate)]
pub struct FileRequest {
    /// The day; before the first day of the training.
    pub on: NaiveDate,
    /// The funder's number for the file.
    #[oai(validator(min_length = 1, max_length = 60))]
    pub number: Option<String>,
    /// Why it is filed late; for the cooperative alone.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub override_reason: Option<String>,
}

/// What a funder decided.
#[derive(Debug, Clone, Object, Validate)]
pub struct FunderDecision {
    /// The decision.
    pub decision: Decision,
    /// What is granted, in cents of euro; needed when it is a part.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub granted_cents: Option<i64>,
    /// The day of the decision.
    pub on: NaiveDate,
    /// The funder's number for the file.
    #[oai(validator(min_length = 1, max_length = 60))]
    pub number: Option<String>,
    /// The last day on which the funder takes the pieces (forclusion).
    pub pieces_deadline: Option<NaiveDate>,
    /// Why it is refused, or granted in part (art. R6332-24); needed for a refusal.
    #[oai(validator(min_length = 3, max_length = 2000))]
    pub reason: Option<String>,
}

/// Why a file is given up.
#[derive(Debug, Clone, Object, Validate)]
pub struct WithdrawFile {
    /// The reason.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// The invoice of a file.
#[derive(Debug, Clone, Object, Validate)]
pub struct InvoiceFile {
    /// The number of the invoice.
    #[oai(validator(min_length = 1, max_length = 60))]
    pub invoice_number: String,
}

/// The payment of a file.
#[derive(Debug, Clone, Object, Validate)]
pub struct PayFile {
    /// The day of payment.
    pub on: NaiveDate,
}

fn not_to_come(on: NaiveDate, today: NaiveDate) -> Result<()> {
    if on <= today {
        return Ok(());
    }
    Err(Error::invalid(
        "/on",
        "dates.future",
        format!("Le {} est à venir : nous sommes le {}.", date(on), date(today)),
        format!("{on} is to come: today is {today}."),
    ))
}

fn not_before(on: NaiveDate, earlier: Option<NaiveDate>, what: (&str, &str)) -> Result<()> {
    match earlier {
        Some(earlier) if on < earlier => Err(Error::invalid(
            "/on",
            "dates.order",
            format!("Le {} précède {} ({}).", date(on), what.0, date(earlier)),
            format!("{on} is before {} ({earlier}).", what.1),
        )),
        _ => Ok(()),
    }
}

/// Lock the file, and its booking first: amounts are summed over the booking.
async fn locked(tx: &Tx<'_>, id: Uuid) -> Result<(booking::Model, funding_file::Model)> {
    let booking = tx.scope().get::<funding_file::Entity>(id).await?.booking_id;
    let booking = tx.lock::<booking::Entity>(booking).await?;
    Ok((booking, tx.lock::<funding_file::Entity>(id).await?))
}

async fn done(
    mut tx: Tx<'_>,
    row: funding_file::Model,
    event: Event,
    edit: impl FnOnce(&mut funding_file::ActiveModel),
) -> Result<FundingFileOut> {
    let id = row.id;
    let row = tx.act(row.activity_id, event.into()).update(row, edit).await?;
    tx.answers_at(format!("/v1/funding-files/{id}"), 200);
    let out = shown_one(&tx.scope(), row).await?;
    tx.commit().await?;
    Ok(out)
}

/// Say that a file is complete and waits to be filed.
pub async fn prepare(ctx: &mut Ctx, id: Uuid) -> Result<FundingFileOut> {
    let tx = ctx.begin().await?;
    let (_, row) = locked(&tx, id).await?;
    let state = advance(State::of(&row.state)?, Step::Prepare)?;
    done(tx, row, Event::Changed { funding_file: id }, |edit| edit.state = Set(state.into())).await
}

/// Say that a file went to its funder.
pub async fn file(ctx: &mut Ctx, id: Uuid, input: FileRequest) -> Result<FundingFileOut> {
    let FileRequest { on, number, override_reason } = input;
    if override_reason.is_some() {
        ctx.require::<OverridesGrant>()?;
    }
    let tx = ctx.begin().await?;
    let (booking, row) = locked(&tx, id).await?;
    let state = advance(State::of(&row.state)?, Step::File)?;
    not_to_come(on, tx.today())?;
    let session = tx.scope().get::<session::Entity>(booking.session_id).await?;
    rules::in_time(on, session.first_day, override_reason.is_some())?;
    let late = override_reason.filter(|_| session.first_day.is_some_and(|first| on >= first));
    done(tx, row, Event::Filed { funding_file: id }, |edit| {
        edit.state = Set(state.into());
        edit.filed_on = Set(Some(on));
        edit.late_override = Set(late);
        if number.is_some() {
            edit.number = Set(number);
        }
    })
    .await
}

/// Record what the funder decided.
pub async fn decide(ctx: &mut Ctx, id: Uuid, input: FunderDecision) -> Result<FundingFileOut> {
    let FunderDecision { decision, granted_cents, on, number, pieces_deadline, reason } = input;
    let tx = ctx.begin().await?;
    let (_, row) = locked(&tx, id).await?;
    let state = advance(State::of(&row.state)?, Step::Decide(decision))?;
    not_to_come(on, tx.today())?;
    not_before(on, row.filed_on, ("le dépôt", "the filing"))?;
    if decision == Decision::Refused && reason.is_none() {
        return Err(Error::invalid(
            "/reason",
            "required",
            "Un refus est motivé (art. R6332-24) : recopiez le motif.",
            "A refusal has a reason (art. R6332-24): copy it.",
        ));
    }
    let granted = rules::granted(decision, row.requested_cents, granted_cents)?;
    done(tx, row, Event::Decided { funding_file: id }, |edit| {
        edit.state = Set(state.into());
        edit.granted_cents = Set(Some(granted));
        edit.decided_on = Set(Some(on));
        edit.decision_reason = Set(reason);
        if number.is_some() {
            edit.number = Set(number);
        }
        if pieces_deadline.is_some() {
            edit.pieces_deadline = Set(pieces_deadline);
        }
    })
    .await
}

/// Give a file up.
pub async fn withdraw(ctx: &mut Ctx, id: Uuid, input: WithdrawFile) -> Result<FundingFileOut> {
    let tx = ctx.begin().await?;
    let (_, row) = locked(&tx, id).await?;
    let state = advance(State::of(&row.state)?, Step::Withdraw)?;
    done(tx, row, Event::Withdrawn { funding_file: id }, |edit| {
        edit.state = Set(state.into());
        edit.decision_reason = Set(Some(input.reason));
    })
    .await
}

/// Record the invoice: payment comes after the training, so every half-day must be closed (art. R6332-25).
pub async fn invoice(ctx: &mut Ctx, id: Uuid, input: InvoiceFile) -> Result<FundingFileOut> {
    let tx = ctx.begin().await?;
    // The session first, as everywhere: a half-day that is reopened at the same instant waits for us, or we for it.
    let booking = tx.scope().get::<funding_file::Entity>(id).await?.booking_id;
    let session = tx.scope().get::<booking::Entity>(booking).await?.session_id;
    tx.lock::<session::Entity>(session).await?;
    let (_, row) = locked(&tx, id).await?;
    let state = advance(State::of(&row.state)?, Step::Invoice)?;
    let ids: Vec<Uuid> = covered(&tx.scope(), &[id]).await?.into_iter().map(|one| one.enrolment_id).collect();
    let enrolments: Vec<_> = tx.scope().map::<entity::enrolment::Entity>(ids).await?.into_values().collect();
    let attended = attended_by(&tx.scope(), &enrolments).await?;
    if attended.values().any(|all| !all.open_slots.is_empty()) {
        return Err(Error::refused(
            "funding.not_performed",
            "Des demi-journées ne sont pas closes : le paiement suit l’exécution (art. R6332-25).",
            "Some half-days are not closed: payment follows performance (art. R6332-25).",
        ));
    }
    if attended.values().all(|all| all.minutes.0 == 0) {
        return Err(Error::refused(
            "funding.nothing_attended",
            "Aucune minute n’est comptée pour les stagiaires de ce dossier : il n’y a rien à facturer (art. R6332-25).",
            "No minute is counted for the trainees of this file: there is nothing to invoice (art. R6332-25).",
        ));
    }
    done(tx, row, Event::Invoiced { funding_file: id }, |edit| {
        edit.state = Set(state.into());
        edit.invoice_number = Set(Some(input.invoice_number));
    })
    .await
}

/// Record the payment.
pub async fn pay(ctx: &mut Ctx, id: Uuid, input: PayFile) -> Result<FundingFileOut> {
    let tx = ctx.begin().await?;
    let (_, row) = locked(&tx, id).await?;
    let state = advance(State::of(&row.state)?, Step::Pay)?;
    not_to_come(input.on, tx.today())?;
    not_before(input.on, row.decided_on, ("l’accord", "the approval"))?;
    done(tx, row, Event::Paid { funding_file: id }, |edit| {
        edit.state = Set(state.into());
        edit.paid_on = Set(Some(input.on));
    })
    .await
}
