//! A funding file (dossier de prise en charge): what a caller writes, what the system shows.

use chrono::NaiveDate;
use entity::{booking, enrolment, funder, funding_file, funding_trainee, person};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;
use validator::Validate;

use super::words::{Mode, State};
use crate::{
    attendance::attended_by,
    people::name_of,
    platform::{answer::Versioned, error::Result, scope::Scope},
};

/// A funding file, as a caller writes it. Amounts come from the price of the training: accompaniment never enters.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewFundingFile {
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The booking whose training is funded.
    pub booking_id: Uuid,
    /// The OPCO or FAF.
    pub funder_id: Uuid,
    /// Who is paid by the funder.
    pub mode: Mode,
    /// What is asked for, in cents of euro; the booking's live files never ask for more than its price.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    pub requested_cents: i64,
    /// The funder's number for the file.
    #[oai(validator(min_length = 1, max_length = 60))]
    pub number: Option<String>,
    /// The day before which the funder wants the request.
    pub file_before: Option<NaiveDate>,
    /// The last day on which the funder takes the pieces (forclusion).
    pub pieces_deadline: Option<NaiveDate>,
    /// Whether the funder asks to be told of absences the same day.
    #[oai(default)]
    pub absence_notice: bool,
    /// The trainees that it covers; volunteers are not eligible with an OPCO (art. L6332-17).
    #[oai(validator(min_items = 1, max_items = 500, unique_items))]
    pub enrolments: Vec<Uuid>,
}

/// A trainee that a file covers.
#[derive(Debug, Clone, Object)]
pub struct CoveredTrainee {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name of the trainee.
    pub name: String,
    /// Minutes attended, from closed half-days: what the certificate says.
    pub attended_minutes: i32,
    /// Minutes planned.
    pub planned_minutes: i32,
    /// Whether every half-day is closed, so that the count is final.
    pub complete: bool,
}

/// A funding file.
#[derive(Debug, Clone, Object)]
pub struct FundingFileOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant) that it belongs to.
    pub activity_id: Uuid,
    /// The funder's name.
    pub funder_name: String,
    /// Where it stands.
    pub state: State,
    /// What was granted, in cents of euro.
    pub granted_cents: Option<i64>,
    /// The day on which it was filed.
    pub filed_on: Option<NaiveDate>,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Why the funder refused, or granted less.
    pub decision_reason: Option<String>,
    /// Why it was filed after the training began, as the cooperative said.
    pub late_override: Option<String>,
    /// The number of the invoice.
    pub invoice_number: Option<String>,
    /// The day of payment.
    pub paid_on: Option<NaiveDate>,
    /// What is left to the client, in cents of euro: the booking's price minus what its live files hold.
    pub client_share_cents: i64,
    /// The trainees that it covers, and what they attended.
    pub trainees: Vec<CoveredTrainee>,
    /// What was written.
    #[oai(flatten)]
    pub file: NewFundingFile,
}

impl Versioned for FundingFileOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// The input that would make this row, with the trainees that it covers.
pub(super) fn written(row: &funding_file::Model, enrolments: Vec<Uuid>) -> Result<NewFundingFile> {
    Ok(NewFundingFile {
        external_id: row.external_id.clone(),
        booking_id: row.booking_id,
        funder_id: row.funder_id,
        mode: Mode::of(&row.mode)?,
        requested_cents: row.requested_cents,
        number: row.number.clone(),
        file_before: row.file_before,
        pieces_deadline: row.pieces_deadline,
        absence_notice: row.absence_notice,
        enrolments,
    })
}

/// The trainees that files cover.
pub(super) async fn covered(scope: &Scope<'_>, files: &[Uuid]) -> Result<Vec<funding_trainee::Model>> {
    scope
        .find::<funding_trainee::Entity>()
        .filter(funding_trainee::Column::FundingFileId.is_in(files.iter().copied()))
        .ascending(funding_trainee::Column::Id)
        .all()
        .await
}

/// Files as they are shown.
pub(super) async fn shown(scope: &Scope<'_>, rows: Vec<funding_file::Model>) -> Result<Vec<FundingFileOut>> {
    let covered = covered(scope, &rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    let enrolments = scope.map::<enrolment::Entity>(covered.iter().map(|row| row.enrolment_id)).await?;
    let people = scope.map::<person::Entity>(enrolments.values().map(|row| row.person_id)).await?;
    let all: Vec<enrolment::Model> = enrolments.values().cloned().collect();
    let counted = attended_by(scope, &all).await?;
    let bookings = scope.map::<booking::Entity>(rows.iter().map(|row| row.booking_id)).await?;
    let siblings = super::actions::held_by(scope, bookings.keys().copied()).await?;
    let funders = scope.find::<funder::Entity>().all().await?;
    let trainee = |id: Uuid| {
        let name = enrolments.get(&id).and_then(|row| people.get(&row.person_id)).map(name_of);
        let all = counted.get(&id);
        CoveredTrainee {
            enrolment_id: id,
            name: name.unwrap_or_default(),
            attended_minutes: all.map_or(0, |all| all.minutes.0),
            planned_minutes: all.map_or(0, |all| all.planned.0),
            complete: all.is_some_and(|all| all.open_slots.is_empty()),
        }
    };
    rows.into_iter()
        .map(|row| {
            let ids: Vec<Uuid> =
                covered.iter().filter(|one| one.funding_file_id == row.id).map(|one| one.enrolment_id).collect();
            let price = bookings.get(&row.booking_id).map_or(0, |booking| booking.price_cents);
            let held: i64 = siblings
                .iter()
                .filter(|(booking, _, _)| *booking == row.booking_id)
                .map(|(_, _, held)| held.amount())
                .sum();
            Ok(FundingFileOut {
                id: row.id,
                version: row.version,
                seq: row.seq,
                activity_id: row.activity_id,
                funder_name: funders
                    .iter()
                    .find(|one| one.id == row.funder_id)
                    .map_or_else(String::new, |one| one.name.clone()),
                state: State::of(&row.state)?,
                granted_cents: row.granted_cents,
                filed_on: row.filed_on,
                decided_on: row.decided_on,
                decision_reason: row.decision_reason.clone(),
                late_override: row.late_override.clone(),
                invoice_number: row.invoice_number.clone(),
                paid_on: row.paid_on,
                client_share_cents: price - held,
                trainees: ids.iter().copied().map(trainee).collect(),
                file: written(&row, ids)?,
            })
        })
        .collect()
}

/// One file as it is shown.
pub(super) async fn shown_one(scope: &Scope<'_>, row: funding_file::Model) -> Result<FundingFileOut> {
    let mut all = shown(scope, vec![row]).await?;
    all.pop().ok_or(crate::platform::error::Error::Missing("funding_file"))
}
