//! « Mon nom est mal écrit »: what a trainee says, until somebody settles it.

use chrono::{DateTime, Utc};
use entity::{enrolment, name_correction};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{events::Event, roll::names};
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        error::{Error, Result},
        page::{Page, PageQuery},
        scope::Scope,
        tx::Tx,
    },
    words,
};

words! {
    /// Where a correction stands.
    pub enum CorrectionState {
        /// Somebody must look.
        Open = "open",
        /// Settled: corrected, or found right.
        Settled = "settled",
    }
}

/// How a name should be written.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewNameCorrection {
    /// What the trainee says: how it should be written.
    #[oai(validator(min_length = 1, max_length = 300))]
    pub said: String,
}

/// What was done about it.
#[derive(Debug, Clone, Object, Validate)]
pub struct SettleNameCorrection {
    /// What was done.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub note: String,
}

/// A correction that a trainee asked for.
#[derive(Debug, Clone, Object)]
#[oai(rename = "NameCorrection")]
pub struct NameCorrectionOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant).
    pub activity_id: Uuid,
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name as they are written now.
    pub name: String,
    /// What the trainee says.
    pub said: String,
    /// Where it stands.
    pub state: CorrectionState,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Who settled it.
    pub settled_by: Option<String>,
    /// When.
    pub settled_at: Option<DateTime<Utc>>,
    /// What was done.
    pub note: Option<String>,
}

impl Versioned for NameCorrectionOut {
    fn version(&self) -> i64 {
        self.version
    }
}

async fn shown(scope: &Scope<'_>, rows: Vec<name_correction::Model>) -> Result<Vec<NameCorrectionOut>> {
    let names = names(scope, rows.iter().map(|row| row.enrolment_id)).await?;
    rows.into_iter()
        .map(|row| {
            Ok(NameCorrectionOut {
                id: row.id,
                version: row.version,
                seq: row.seq,
                activity_id: row.activity_id,
                enrolment_id: row.enrolment_id,
                name: names.get(&row.enrolment_id).cloned().unwrap_or_default(),
                said: row.said,
                state: CorrectionState::of(&row.state)?,
                asked_at: row.asked_at,
                settled_by: row.settled_by,
                settled_at: row.settled_at,
                note: row.note,
            })
        })
        .collect()
}

/// Corrections of one name that wait at once: a personal link writes no more.
const MOST_OPEN: usize = 5;

/// A trainee asks, through their page or somebody else: part of a larger act.
pub async fn ask_correction(tx: &mut Tx<'_>, enrolment: Uuid, input: NewNameCorrection) -> Result<NameCorrectionOut> {
    let NewNameCorrection { said } = input;
    let trainee = tx.lock::<enrolment::Entity>(enrolment).await?;
    let open = tx
        .scope()
        .find::<name_correction::Entity>()
        .filter(name_correction::Column::EnrolmentId.eq(trainee.id))
        .filter(name_correction::Column::State.eq(CorrectionState::Open.name()))
        .all()
        .await?;
    if let Some(same) = open.iter().find(|row| row.said == said.trim()) {
        return shown(&tx.scope(), vec![same.clone()]).await?.pop().ok_or(Error::Missing("name_correction"));
    }
    if open.len() >= MOST_OPEN {
        return Err(Error::refused(
            "attendance.corrections_wait",
            "Plusieurs demandes de correction de ce nom attendent déjà une réponse.",
            "Several requests to correct this name are waiting for an answer already.",
        ));
    }
    let (id, now) = (tx.new_id(), tx.now());
    let row = tx
        .act(trainee.activity_id, Event::CorrectionAsked { correction: id, enrolment: trainee.id }.into())
        .insert(name_correction::ActiveModel {
            id: Set(id),
            enrolment_id: Set(trainee.id),
            said: Set(said.trim().to_owned()),
            state: Set(CorrectionState::Open.into()),
            asked_at: Set(now),
            ..Default::default()
        })
        .await?;
    shown(&tx.scope(), vec![row]).await?.pop().ok_or(Error::Missing("name_correction"))
}

/// Ask for a correction on behalf of a trainee.
pub async fn ask(ctx: &mut Ctx, enrolment: Uuid, input: NewNameCorrection) -> Result<NameCorrectionOut> {
    let mut tx = ctx.begin().await?;
    let out = ask_correction(&mut tx, enrolment, input).await?;
    tx.answers_at(format!("/v1/name-corrections/{}", out.id), 201);
    tx.commit().await?;
    Ok(out)
}

/// One correction.
pub async fn read(scope: &Scope<'_>, id: Uuid) -> Result<NameCorrectionOut> {
    let row = scope.get::<name_correction::Entity>(id).await?;
    shown(scope, vec![row]).await?.pop().ok_or(Error::Missing("name_correction"))
}

/// One page of corrections, newest first.
pub async fn list(
    scope: &Scope<'_>,
    state: Option<CorrectionState>,
    page: &PageQuery,
) -> Result<Page<NameCorrectionOut>> {
    let of_state = state.map(|state| name_correction::Column::State.eq(state.name()));
    let query = scope.find::<name_correction::Entity>().filter_some(of_state);
    let (rows, next) = query.page_rows(page).await?;
    Ok(Page { items: shown(scope, rows).await?, next })
}

/// Settle a correction: the person was corrected, or the name is right.
pub async fn settle(ctx: &mut Ctx, id: Uuid, input: SettleNameCorrection) -> Result<NameCorrectionOut> {
    let SettleNameCorrection { note } = input;
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<name_correction::Entity>(id).await?;
    if row.state != CorrectionState::Open.name() {
        return Err(Error::no_move("attendance.correction_state", &row.state, "settle", &[]));
    }
    let (now, actor) = (tx.now(), tx.actor().to_owned());
    let event = Event::CorrectionSettled { correction: id, enrolment: row.enrolment_id };
    let row = tx
        .act(row.activity_id, event.into())
        .update(row, |edit: &mut name_correction::ActiveModel| {
            edit.state = Set(CorrectionState::Settled.into());
            edit.settled_at = Set(Some(now));
            edit.settled_by = Set(Some(actor));
            edit.note = Set(Some(note));
        })
        .await?;
    tx.answers_at(format!("/v1/name-corrections/{id}"), 200);
    let mut out = shown(&tx.scope(), vec![row]).await?;
    tx.commit().await?;
    out.pop().ok_or(Error::Missing("name_correction"))
}
