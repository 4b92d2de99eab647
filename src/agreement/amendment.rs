//! What changes in a signed agreement: item by item, old and new.

use chrono::NaiveDate;
use entity::{agreement, amendment, booking};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::{
    agreement::NewAgreement,
    amendment_paper::{self, PAPER},
    drafting,
    events::Event,
    items::{ITEMS, Item, printed},
    rules::{State, past},
    signing::{locked, scan},
    start::live,
    terms::Terms,
};
use crate::{
    booking as sold,
    document::{About, Issued, Kind as Papers, issue, outdate_paper, revoke_paper},
    organisation::signatory_for,
    platform::{
        access::Ctx,
        answer::Versioned,
        codes::{store, stored},
        error::{Error, Result},
        scope::Scope,
        tx::Tx,
    },
    words,
};

words! {
    /// Where an amendment stands.
    pub enum AmendmentState {
        /// To be signed.
        Proposed = "proposed",
        /// Signed by both sides.
        Signed = "signed",
        /// No longer proposed.
        Withdrawn = "withdrawn",
    }
}

/// One item that changes.
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct ItemChange {
    /// Which of the twelve items.
    pub item: Item,
    /// What was agreed.
    #[oai(validator(max_length = 10000))]
    pub before: String,
    /// What is agreed from now on.
    #[oai(validator(max_length = 10000))]
    pub after: String,
}

/// An amendment (avenant) to propose.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewAmendment {
    /// Why.
    #[oai(validator(min_length = 3, max_length = 1000))]
    pub reason: String,
    /// What changes; by default, whatever differs between what was signed and what is planned today.
    #[oai(default, validator(max_items = 12))]
    #[validate(nested)]
    pub changes: Vec<ItemChange>,
}

/// An amendment that was signed on paper.
#[derive(Debug, Clone, Object, Validate)]
pub struct SignAmendment {
    /// The scan of the signed paper.
    pub scan_file_id: Uuid,
    /// The later of the two dates that are written on it.
    pub signed_on: NaiveDate,
    /// Who signed for the cooperative, under a delegation in force on that day.
    pub signatory_id: Uuid,
}

/// An amendment, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct AmendmentOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The agreement that it changes.
    pub agreement_id: Uuid,
    /// Its number in the agreement, from 1.
    pub number: i32,
    /// Where it stands.
    pub state: AmendmentState,
    /// Why.
    pub reason: String,
    /// What changes.
    pub changes: Vec<ItemChange>,
    /// The day of the later signature.
    #[oai(skip_serializing_if_is_none)]
    pub signed_on: Option<NaiveDate>,
    /// The scan of the signed paper.
    #[oai(skip_serializing_if_is_none)]
    pub scan_file_id: Option<Uuid>,
    /// Its paper, once it is sent to be signed.
    #[oai(skip_serializing_if_is_none)]
    pub document_id: Option<Uuid>,
}

impl Versioned for AmendmentOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<amendment::Model> for AmendmentOut {
    type Error = Error;

    fn try_from(row: amendment::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            agreement_id: row.agreement_id,
            number: row.number,
            state: AmendmentState::of(&row.state)?,
            reason: row.reason,
            changes: stored(&row.changes)?,
            signed_on: row.signed_on,
            scan_file_id: row.scan_file_id,
            document_id: row.document_id,
        })
    }
}

/// Where an amendment is.
pub(super) fn place(id: Uuid) -> String {
    format!("/v1/amendments/{id}")
}

async fn of_agreement(scope: &Scope<'_>, agreement: Uuid) -> Result<Vec<amendment::Model>> {
    use amendment::Column as M;
    scope.find::<amendment::Entity>().filter(M::AgreementId.eq(agreement)).ascending(M::Number).all().await
}

/// What differs, item by item, between what was signed (amendments included) and what is planned today.
async fn differences(
    scope: &Scope<'_>,
    row: &agreement::Model,
    booking: &booking::Model,
    others: &[amendment::Model],
) -> Result<Vec<ItemChange>> {
    let signed: Terms = stored(&row.terms)?;
    // What the caller said at the time stays said: only the booking and its session are read again.
    let kept = NewAgreement {
        means: Some(signed.means.join("\n")),
        follow_up: signed.follow_up.clone(),
        outcome: signed.outcome.clone(),
        payment_terms: signed.payment_terms.clone(),
        instalments: signed.instalments.clone(),
        ..NewAgreement::default()
    };
    let today = drafting::terms(scope, booking, &kept).await?;
    let mut agreed: Vec<(Item, String)> = ITEMS.iter().map(|(item, _, _)| (*item, printed(*item, &signed))).collect();
    for other in others.iter().filter(|other| other.state == AmendmentState::Signed.name()) {
        for change in stored::<Vec<ItemChange>>(&other.changes)? {
            if let Some(known) = agreed.iter_mut().find(|(item, _)| *item == change.item) {
                known.1 = change.after;
            }
        }
    }
    Ok(agreed
        .into_iter()
        .map(|(item, before)| ItemChange { item, before, after: printed(item, &today) })
        .filter(|change| change.before != change.after)
        .collect())
}

/// Propose an amendment of a signed agreement.
pub(super) async fn create(ctx: &mut Ctx, id: Uuid, input: NewAmendment) -> Result<amendment::Model> {
    let mut tx = ctx.begin().await?;
    let (booking, row) = locked(&tx, id).await?;
    if row.state != State::Signed.name() {
        return Err(Error::no_move("agreement.no_move", &row.state, "amend", &["sign-on-paper", "void"]));
    }
    let others = of_agreement(&tx.scope(), id).await?;
    if let Some(open) = others.iter().find(|other| other.state == AmendmentState::Proposed.name()) {
        return Err(Error::refused(
            "agreement.amendment_open",
            format!("L’avenant n° {} attend une signature : faites-le signer ou retirez-le.", open.number),
            format!("Amendment {} waits for its signatures: have it signed or withdraw it.", open.number),
        ));
    }
    let changes =
        if input.changes.is_empty() { differences(&tx.scope(), &row, &booking, &others).await? } else { input.changes };
    if changes.is_empty() {
        return Err(Error::refused(
            "agreement.nothing_to_amend",
            "Rien ne diffère entre ce qui est signé et ce qui est prévu.",
            "Nothing differs between what is signed and what is planned.",
        ));
    }
    let made = insert(&mut tx, &row, &others, input.reason, &changes).await?;
    tx.answers_at(place(made.id), 201);
    tx.commit().await?;
    Ok(made)
}

async fn insert(
    tx: &mut Tx<'_>,
    row: &agreement::Model,
    others: &[amendment::Model],
    reason: String,
    changes: &[ItemChange],
) -> Result<amendment::Model> {
    let number = others.last().map_or(1, |last| last.number + 1);
    let id = tx.new_id();
    let changes = store(&changes)?;
    let mut act = tx.act(row.activity_id, Event::Amended { agreement: row.id, amendment: id }.into());
    let made = act
        .insert(amendment::ActiveModel {
            id: Set(id),
            agreement_id: Set(row.id),
            number: Set(number),
            state: Set(AmendmentState::Proposed.into()),
            changes: Set(changes),
            reason: Set(reason),
            ..Default::default()
        })
        .await?;
    act.touch::<agreement::ActiveModel>(row.clone()).await?;
    Ok(made)
}

/// After a material change of a booking whose agreement is signed, propose an amendment or bring the proposed one up
/// to date: the worker's job « propose_amendment ».
pub async fn propose_amendment(ctx: &mut Ctx, booking: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let sold = tx.lock::<booking::Entity>(booking).await?;
    let Some(row) = live(&tx.scope(), booking).await?.filter(|row| row.state == State::Signed.name()) else {
        return Ok(());
    };
    let row = tx.lock::<agreement::Entity>(row.id).await?;
    let others = of_agreement(&tx.scope(), row.id).await?;
    let changes = differences(&tx.scope(), &row, &sold, &others).await?;
    let open = others.iter().find(|other| other.state == AmendmentState::Proposed.name()).cloned();
    match open {
        Some(open) if changes.is_empty() => {
            withdraw_row(&mut tx, open).await?;
        }
        Some(open) => {
            let text = store(&changes)?;
            if text == open.changes {
                return Ok(());
            }
            if let Some(paper) = open.document_id {
                outdate_paper(&mut tx, paper, "Les conditions de la réservation ont encore changé.").await?;
            }
            tx.act(row.activity_id, Event::Amended { agreement: row.id, amendment: open.id }.into())
                .update(open, |edit: &mut amendment::ActiveModel| {
                    edit.changes = Set(text);
                    edit.document_id = Set(None);
                })
                .await?;
        }
        None if changes.is_empty() => return Ok(()),
        None => {
            let reason = "Les conditions de la réservation ont changé.".to_owned();
            insert(&mut tx, &row, &others, reason, &changes).await?;
        }
    }
    tx.commit().await
}

fn require_proposed(row: &amendment::Model, step: &str) -> Result<()> {
    if row.state == AmendmentState::Proposed.name() {
        return Ok(());
    }
    Err(Error::no_move("agreement.amendment_no_move", &row.state, step, &[]))
}

/// Send an amendment to be signed: its paper is issued, or issued again.
pub(super) async fn send(ctx: &mut Ctx, id: Uuid) -> Result<amendment::Model> {
    let mut tx = ctx.begin().await?;
    let agreement = tx.scope().get::<amendment::Entity>(id).await?.agreement_id;
    let (booking, row) = locked(&tx, agreement).await?;
    let change = tx.lock::<amendment::Entity>(id).await?;
    require_proposed(&change, "send")?;
    let today = tx.today();
    let content = amendment_paper::content(&tx.scope(), &booking, &row, &change, today).await?;
    let about = About {
        client: Some(booking.client_id),
        session: Some(booking.session_id),
        booking: Some(booking.id),
        agreement: Some(row.id),
        amendment: Some(id),
        ..About::default()
    };
    let issued = issue(&mut tx, row.activity_id, Papers::Amendment, &content.listed(), about, &content).await?;
    let (again, paper) = (matches!(issued, Issued::Standing(_)), issued.paper().id);
    tx.answers_at(place(id), 200);
    if again && change.document_id == Some(paper) {
        // It was sent, and says the same: nobody is written to again.
        tx.commit().await?;
        return Ok(change);
    }
    let event = Event::AmendmentSent { agreement: row.id, amendment: id, document: paper };
    let change = tx
        .act(row.activity_id, event.into())
        .update(change, |edit: &mut amendment::ActiveModel| edit.document_id = Set(Some(paper)))
        .await?;
    tx.commit().await?;
    Ok(change)
}

/// Write down that an amendment was signed on paper: the agreement is up to date again.
pub(super) async fn sign(ctx: &mut Ctx, id: Uuid, input: SignAmendment) -> Result<amendment::Model> {
    let SignAmendment { scan_file_id, signed_on, signatory_id } = input;
    let mut tx = ctx.begin().await?;
    let agreement = tx.scope().get::<amendment::Entity>(id).await?.agreement_id;
    let (booking, row) = locked(&tx, agreement).await?;
    let change = tx.lock::<amendment::Entity>(id).await?;
    require_proposed(&change, "sign-on-paper")?;
    scan(&tx, scan_file_id, row.activity_id).await?;
    past("/signed_on", signed_on, tx.today())?;
    let change = record(&mut tx, &booking, row, change, (signed_on, signatory_id, Some(scan_file_id))).await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(change)
}

/// Both sides have signed an amendment, each in their way, as part of a larger act.
pub async fn amend_by_both(
    tx: &mut Tx<'_>,
    id: Uuid,
    signed_on: NaiveDate,
    signatory: Uuid,
    scan: Option<Uuid>,
) -> Result<()> {
    let agreement = tx.scope().get::<amendment::Entity>(id).await?.agreement_id;
    let (booking, row) = locked(tx, agreement).await?;
    let change = tx.lock::<amendment::Entity>(id).await?;
    require_proposed(&change, "sign")?;
    record(tx, &booking, row, change, (signed_on, signatory, scan)).await.map(|_| ())
}

/// Whether an amendment waits to be signed by this paper.
pub async fn amendment_awaits(scope: &Scope<'_>, id: Uuid, paper: Uuid) -> Result<()> {
    let row = scope.get::<amendment::Entity>(id).await?;
    require_proposed(&row, "sign")?;
    if row.document_id == Some(paper) { Ok(()) } else { Err(Error::Missing("document")) }
}

/// The amendment is signed, the agreement up to date again; the signatory had a delegation on the day.
async fn record(
    tx: &mut Tx<'_>,
    booking: &booking::Model,
    row: agreement::Model,
    change: amendment::Model,
    (signed_on, signatory, scan): (NaiveDate, Uuid, Option<Uuid>),
) -> Result<amendment::Model> {
    let price = Some(booking.price_cents);
    signatory_for(&tx.scope(), Some(signatory), PAPER, price, signed_on).await?;
    let hash = sold::terms_of(&tx.scope(), booking).await?.hash()?;
    let event = Event::AmendmentSigned { agreement: row.id, amendment: change.id };
    let mut act = tx.act(row.activity_id, event.into());
    act.update(row, |edit: &mut agreement::ActiveModel| edit.terms_hash = Set(hash)).await?;
    act.update(change, |edit: &mut amendment::ActiveModel| {
        edit.state = Set(AmendmentState::Signed.into());
        edit.signed_on = Set(Some(signed_on));
        edit.scan_file_id = Set(scan);
    })
    .await
}

async fn withdraw_row(tx: &mut Tx<'_>, row: amendment::Model) -> Result<amendment::Model> {
    if let Some(paper) = row.document_id {
        revoke_paper(tx, paper, "Avenant retiré avant signature.").await?;
    }
    let event = Event::AmendmentWithdrawn { agreement: row.agreement_id, amendment: row.id };
    tx.act(row.activity_id, event.into())
        .update(row, |edit: &mut amendment::ActiveModel| edit.state = Set(AmendmentState::Withdrawn.into()))
        .await
}

/// Withdraw an amendment that is not signed.
pub(super) async fn withdraw(ctx: &mut Ctx, id: Uuid) -> Result<amendment::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<amendment::Entity>(id).await?;
    require_proposed(&row, "withdraw")?;
    let row = withdraw_row(&mut tx, row).await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}
